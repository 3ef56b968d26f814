-- Staff numbers are compared without regard to case: whoever is on record is found by a small letter
-- too, and a second spelling cannot be registered. A record that has two spellings of one number
-- from before keeps both; nothing then stands in the way of a third.

DO $$
BEGIN
    IF EXISTS (SELECT FROM events WHERE originator_version = 1
               GROUP BY lower(originator_id) HAVING count(*) > 1) THEN
        CREATE INDEX events_one_spelling ON events (lower(originator_id))
            WHERE originator_version = 1;
    ELSE
        CREATE UNIQUE INDEX events_one_spelling ON events (lower(originator_id))
            WHERE originator_version = 1;
    END IF;
END $$;
