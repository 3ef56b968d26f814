-- Simulated time is a row of the record's own database; a real record has no such row.
--
-- Without the row the database goes by its own clock, and refuses an append that brings an instant.
-- With it, an append may bring one. The row says where the clock is:
--   standing_at   it stands at that instant, until somebody moves it
--   ahead         it runs, that far ahead of the clock of whatever plays the record: the
--                 time-skipping server where there is one, else this database
--   neither       it has not begun to run: every append brings its own instant
CREATE TABLE simulated_clock (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    standing_at timestamptz(6),
    ahead       interval,
    CHECK (standing_at IS NULL OR ahead IS NULL)
);

-- Kept by the triggers below, so that an append to a real record need not look for the row.
ALTER TABLE log_head ADD COLUMN is_simulated boolean NOT NULL DEFAULT false;

INSERT INTO simulated_clock (standing_at)
SELECT clock_stopped_at FROM log_head WHERE rehearsed_edition IS NOT NULL;
UPDATE log_head SET is_simulated = true WHERE rehearsed_edition IS NOT NULL;
ALTER TABLE log_head DROP COLUMN clock_stopped_at;

CREATE FUNCTION simulate_the_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE log_head SET is_simulated = true WHERE last_position = 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the log holds real entries: its clock cannot be simulated any more'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'log_is_real';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER simulate_the_clock BEFORE INSERT ON simulated_clock
    FOR EACH ROW EXECUTE FUNCTION simulate_the_clock();

CREATE FUNCTION keep_the_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded on simulated time never becomes a real record'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'clock_is_simulated';
END $$;
CREATE TRIGGER keep_the_clock BEFORE DELETE OR TRUNCATE ON simulated_clock
    FOR EACH STATEMENT EXECUTE FUNCTION keep_the_clock();

-- The instant of a command where the clock is simulated, or where an instant was given.
CREATE FUNCTION simulated_instant(head log_head, given_at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT head.is_simulated THEN
        RAISE EXCEPTION 'a real record goes by the clock of its database: no instant is taken'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'clock_is_real';
    END IF;
    RETURN coalesce(
        given_at,
        (SELECT standing_at FROM simulated_clock),
        -- a rehearsal under way, and no simulated instant: as soon as possible
        CASE WHEN head.rehearsed_edition IS NOT NULL THEN head.last_recorded_at END,
        clock_timestamp());
END $$;

-- The instant of the next command; always later than that of the command before.
CREATE OR REPLACE FUNCTION next_instant(head log_head, given_at timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
    SELECT greatest(
        CASE WHEN head.is_simulated OR given_at IS NOT NULL
             THEN simulated_instant(head, given_at)
             ELSE clock_timestamp() END,
        head.last_recorded_at + interval '1 microsecond')
$$;

-- As in 0001, by the one rule above.
CREATE OR REPLACE FUNCTION begin_command(
    command uuid, hash bytea, given_by text, given_at timestamptz, events_expected integer
) RETURNS command_begun LANGUAGE plpgsql AS $$
DECLARE
    begun command_begun;
BEGIN
    SELECT true, c.request_hash, c.recorded_at, c.first_notification_id, c.event_count
      INTO begun FROM commands c WHERE c.command_id = command;
    IF FOUND THEN
        RETURN begun;
    END IF;

    -- Having waited for the lock, the expressions are worked out again from the row as the one
    -- before left it: hence never behind it, whatever this machine's clock says.
    UPDATE log_head AS h
       SET last_position = h.last_position + events_expected,
           last_recorded_at = next_instant(h, given_at)
    RETURNING false, hash, h.last_recorded_at, h.last_position - events_expected + 1,
              events_expected
         INTO STRICT begun;

    INSERT INTO commands
        (command_id, request_hash, subject, recorded_at, first_notification_id, event_count)
    VALUES (command, hash, given_by, begun.recorded_at, begun.first_notification_id,
            events_expected)
    ON CONFLICT (command_id) DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'command % has just been recorded by another delivery', command
            USING ERRCODE = 'serialization_failure';
    END IF;

    PERFORM pg_notify('events',
                      (begun.first_notification_id + events_expected - 1)::text);
    RETURN begun;
END $$;

-- Which record this is, made when it is first asked for. Task queue and workflows carry it, so that
-- two records on one Temporal do not take each other's work.
CREATE TABLE record_identity (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id       uuid NOT NULL
);

CREATE FUNCTION own_identity() RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO record_identity (id) VALUES (gen_random_uuid()) ON CONFLICT DO NOTHING;
    RETURN (SELECT id FROM record_identity);
END $$;

-- What stands in a procedure's way, for whoever looks after the service. Not part of the record:
-- it is found again whenever it is gone.
--   unreadable   the log's facts of it cannot be made sense of
--   stuck        its workflow cannot go on: the program has changed beneath it, or fails in it
--   untold       Temporal does not accept what it is told about it
CREATE TABLE procedure_troubles (
    task_queue text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('unreadable', 'stuck', 'untold')),
    procedure  text COLLATE "C" NOT NULL,
    reason     text NOT NULL,
    since      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (task_queue, kind, procedure)
);

-- When Temporal was last compared with the log, what must be waiting, and what had to be started.
ALTER TABLE dispatcher_positions
    ADD COLUMN swept_at timestamptz,
    ADD COLUMN waiting  integer,
    ADD COLUMN started  integer;
