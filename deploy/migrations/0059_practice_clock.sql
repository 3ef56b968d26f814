-- A practice: a record on simulated time whose procedures run, and whose clock an administrator moves.
-- Its clock always stands. The service takes it towards `moving_to`, a day at a time: whatever is due
-- on one day is done before the next begins. `stopped_because` says why it got no further.
ALTER TABLE simulated_clock
    ADD COLUMN is_practice     boolean NOT NULL DEFAULT false,
    ADD COLUMN moving_to       date,
    ADD COLUMN stopped_because text,
    ADD CHECK (NOT is_practice OR standing_at IS NOT NULL),
    ADD CHECK (is_practice OR (moving_to IS NULL AND stopped_because IS NULL));

CREATE FUNCTION keep_a_practice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.is_practice <> old.is_practice THEN
        RAISE EXCEPTION 'a rehearsal and a practice stay what they are'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'practice_stays';
    END IF;
    IF new.is_practice AND new.standing_at < old.standing_at THEN
        RAISE EXCEPTION 'the clock of a practice goes forward only: it stands at %', old.standing_at
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'practice_goes_forward';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER keep_a_practice BEFORE UPDATE ON simulated_clock
    FOR EACH ROW EXECUTE FUNCTION keep_a_practice();
