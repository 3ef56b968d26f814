-- Large imports: encoded and stored in pieces that nobody sees, then put on the log in one
-- transaction. A stop in between loses at most the piece under way.

CREATE TABLE import_batches (
    batch_id     uuid PRIMARY KEY,
    file_sha256  bytea NOT NULL UNIQUE,
    command_id   uuid NOT NULL UNIQUE,     -- the command as which it will be recorded
    expected     integer NOT NULL CHECK (expected > 0),         -- events in the whole
    staged_to    integer NOT NULL DEFAULT 0,                    -- ordinals below this are staged
    state        text NOT NULL DEFAULT 'staging' CHECK (state IN ('staging', 'committed')),
    opened_at    timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
    CHECK (staged_to BETWEEN 0 AND expected)
);

CREATE TABLE import_staged (
    batch_id           uuid NOT NULL REFERENCES import_batches,
    ordinal            integer NOT NULL,
    originator_id      text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL,
    topic              text COLLATE "C" NOT NULL,
    state              bytea NOT NULL,
    event_id           uuid NOT NULL,
    PRIMARY KEY (batch_id, ordinal)
);

-- Puts a fully staged batch on the log as one command.
CREATE FUNCTION append_staged(
    command uuid, hash bytea, given_by text, given_at timestamptz, batch uuid
) RETURNS command_begun LANGUAGE plpgsql AS $$
DECLARE
    of_batch import_batches;
    begun    command_begun;
    lonely   record;
BEGIN
    SELECT * INTO STRICT of_batch FROM import_batches WHERE batch_id = batch FOR UPDATE;
    begun := begin_command(command, hash, given_by, given_at, of_batch.expected);
    IF begun.replayed THEN
        RETURN begun;
    END IF;
    INSERT INTO events (originator_id, originator_version, topic, state, event_id,
                        notification_id, recorded_at)
    SELECT s.originator_id, s.originator_version, s.topic, s.state, s.event_id,
           begun.first_notification_id + s.ordinal, begun.recorded_at
    FROM import_staged s WHERE s.batch_id = batch ORDER BY s.ordinal;

    SELECT s.originator_id AS stream, s.originator_version AS version INTO lonely
    FROM import_staged s
    WHERE s.batch_id = batch AND s.originator_version > 1 AND NOT EXISTS (
        SELECT FROM events e WHERE e.originator_id = s.originator_id
                               AND e.originator_version = s.originator_version - 1)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'version % of stream % would leave a hole', lonely.version, lonely.stream
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'events_no_gap';
    END IF;

    DELETE FROM import_staged WHERE batch_id = batch;
    UPDATE import_batches SET state = 'committed' WHERE batch_id = batch;
    RETURN begun;
END $$;
