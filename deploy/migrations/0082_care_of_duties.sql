-- Who takes care of a duty, and its excuse: a row for each fact, of a duty by its slot (blank: of no
-- group, of nobody alone) and its first place. The last of each sort that was on record at an instant
-- holds then.
CREATE TABLE duty_care (
    place         bigint PRIMARY KEY,              -- of event_id in the log
    event_id      uuid NOT NULL,
    recorded_from timestamptz(6) NOT NULL,
    recorded_by   text COLLATE "C" NOT NULL,
    matter        text COLLATE "C" NOT NULL,
    group_name    text COLLATE "C" NOT NULL,
    staff_number  text COLLATE "C" NOT NULL,
    what          text COLLATE "C" NOT NULL,
    about         text COLLATE "C" NOT NULL,
    first_place   bigint,                          -- as of the obligation that it was said of
    is_excuse     boolean NOT NULL,                -- or it is about who has the duty
    stands        boolean NOT NULL,                -- false: taken back, withdrawn
    given_to      text COLLATE "C",
    until_on      date,                            -- the last day, that day included
    reason        text COLLATE "C",                -- of an excuse
    document      text COLLATE "C",
    CHECK (stands OR num_nonnulls(given_to, until_on, reason, document) = 0)
);
CREATE INDEX duty_care_slot_idx
    ON duty_care (matter, what, about, staff_number, group_name, first_place, is_excuse, place);
CREATE INDEX duty_care_given_idx ON duty_care (given_to) WHERE stands AND NOT is_excuse;

-- By whom a matter was begun, or the exercise that it belongs to: who runs it has its work. What is
-- emptied here is made again from the log at the next start.
ALTER TABLE due_matter
    ADD COLUMN run_by   text COLLATE "C",     -- null: nobody in the office has acted in it yet
    ADD COLUMN run_from timestamptz(6),       -- since when that is on record
    ADD CHECK ((run_by IS NULL) = (run_from IS NULL));
TRUNCATE obligation, obligation_outcome, due_matter, due_person, due_line;
DELETE FROM projection_positions WHERE name = 'deadlines';

-- In the log, of the first obligation of the same duty. Until it is done another day may take its
-- place; what is due again after that is another duty, that nobody was given and nothing excuses.
ALTER TABLE obligation ADD COLUMN first_place bigint NOT NULL;

-- As in 0072, with this table among those of people, and with the stream of no duty to be read.
CREATE OR REPLACE FUNCTION restrict_readers(only_of text[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    of_people CONSTANT text[] := ARRAY['events', 'position_sheet', 'scope_membership', 'remark',
                                       'obligation', 'obligation_outcome', 'duty_care', 'reads',
                                       'read_questions', 'read_answers', 'person_keys',
                                       'person_fields'];
    of_nobody CONSTANT text[] := ARRAY['log_head', 'commands', 'simulated_clock',
                                       'projection_positions', 'collective_term',
                                       'rulebook_editions', 'rulebook_names'];
    named text;
    whose text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'transfer_restricted') THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO transfer_restricted', current_schema());
    FOREACH named IN ARRAY of_people || of_nobody LOOP
        CONTINUE WHEN named <> ALL (only_of);
        EXECUTE format('GRANT SELECT ON %I TO transfer_restricted', named);
    END LOOP;
    FOREACH named IN ARRAY of_people LOOP
        CONTINUE WHEN named <> ALL (only_of);
        whose := 'staff_number = ANY (ARRAY(SELECT unnest(reachable_people())))';
        CASE named
            WHEN 'events' THEN
                whose := 'NOT starts_with(originator_id, ''staff:'')'
                         ' AND NOT starts_with(originator_id, ''duty:'') OR originator_id = ANY ('
                         'ARRAY(SELECT ''staff:'' || person'
                         ' FROM unnest(reachable_people()) AS person))';
            WHEN 'obligation_outcome' THEN
                whose := 'obligation_id IN (SELECT o.obligation_id FROM obligation AS o'
                         ' WHERE ' || whose || ')';
            WHEN 'read_answers' THEN
                whose := 'question_id IN (SELECT q.question_id FROM read_questions AS q'
                         ' WHERE ' || whose || ')';
            ELSE NULL;
        END CASE;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', named);
        EXECUTE format('DROP POLICY IF EXISTS reachable ON %I', named);
        EXECUTE format('DROP POLICY IF EXISTS everybody ON %I', named);
        EXECUTE format('CREATE POLICY reachable ON %I FOR SELECT TO transfer_restricted USING (%s)',
                       named, whose);
        -- The owner is not asked. Another user of the database sees what it was given.
        EXECUTE format('CREATE POLICY everybody ON %I USING (current_user <> ''transfer_restricted'')'
                       ' WITH CHECK (current_user <> ''transfer_restricted'')', named);
    END LOOP;
END $$;

SELECT restrict_readers(ARRAY['events', 'duty_care']);
