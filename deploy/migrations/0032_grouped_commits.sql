-- Several commands in one transaction, so that writers who wait for each other share one commit.
--
-- What 0001 promises still holds: the lock of log_head is taken first and kept until commit, so the
-- order of commits is the order of positions; each command has an instant of its own.

-- The instant of the next command: the one given, else what the record's clock says, but always
-- later than that of the command before, whatever this machine's clock says.
CREATE FUNCTION next_instant(head log_head, given_at timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
    SELECT greatest(
        coalesce(
            given_at,
            head.clock_stopped_at,
            -- a rehearsal under way, and no simulated instant: as soon as possible
            CASE WHEN head.rehearsed_edition IS NOT NULL THEN head.last_recorded_at END,
            clock_timestamp()),
        head.last_recorded_at + interval '1 microsecond')
$$;

-- Appends commands in the order given, each whole or not at all, none to another's harm. Events
-- stand together in the order of their commands: the first event_counts[1] are the first one's.
-- `follows` says of an event that one of its own command comes just before it in its stream; any
-- other must come just after what is on record, or its command is stale and leaves nothing.
--
-- One row a command, its outcome 'recorded'; 'replayed', with what the record says of it, for one
-- that is on record already (also since earlier in this call); or 'stale', with nothing else.
CREATE FUNCTION append_commands(
    command_ids uuid[], request_hashes bytea[], subjects text[], instants timestamptz[],
    event_counts integer[],
    streams text[], versions bigint[], follows boolean[], topics text[], states bytea[],
    event_ids uuid[]
) RETURNS TABLE (
    outcome text, request_hash bytea, recorded_at timestamptz,
    first_notification_id bigint, event_count integer
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    head      log_head;
    reached   bigint;       -- the last position given out
    e         integer := 0; -- the last event dealt with
    last_e    integer;
BEGIN
    SELECT * INTO STRICT head FROM log_head FOR UPDATE;
    reached := head.last_position;

    FOR c IN 1 .. cardinality(command_ids) LOOP
        last_e := e + event_counts[c];

        SELECT 'replayed', k.request_hash, k.recorded_at, k.first_notification_id, k.event_count
          INTO outcome, request_hash, recorded_at, first_notification_id, event_count
          FROM commands k WHERE k.command_id = command_ids[c];
        IF NOT FOUND THEN
            outcome := 'recorded';
            FOR i IN e + 1 .. last_e LOOP
                IF NOT follows[i] AND versions[i] - 1 <> coalesce(
                    (SELECT max(v.originator_version) FROM events v
                     WHERE v.originator_id = streams[i]), least(versions[i] - 1, 0))
                THEN
                    outcome := 'stale';
                    EXIT;
                END IF;
            END LOOP;
        END IF;

        IF outcome = 'recorded' THEN
            request_hash := request_hashes[c];
            event_count := event_counts[c];
            first_notification_id := reached + 1;
            recorded_at := next_instant(head, instants[c]);

            INSERT INTO commands (command_id, request_hash, subject, recorded_at,
                                  first_notification_id, event_count)
            VALUES (command_ids[c], request_hash, subjects[c], recorded_at,
                    first_notification_id, event_count);
            FOR i IN e + 1 .. last_e LOOP
                reached := reached + 1;
                INSERT INTO events (originator_id, originator_version, topic, state,
                                    notification_id, recorded_at, event_id)
                VALUES (streams[i], versions[i], topics[i], states[i],
                        reached, recorded_at, event_ids[i]);
            END LOOP;
            head.last_recorded_at := recorded_at;
        END IF;

        e := last_e;
        RETURN NEXT;
    END LOOP;

    IF reached > head.last_position THEN
        UPDATE log_head
           SET last_position = reached, last_recorded_at = head.last_recorded_at;
        PERFORM pg_notify('events', reached::text);
    END IF;
END $$;

-- An import of millions must not keep the log's lock for what can be done before or after.
--
-- Staged: whether the event's stream has the version before it just before it in the batch, so that
-- at the end only the others need a look. Rows that were staged before this are all looked at.
ALTER TABLE import_staged ADD COLUMN follows boolean NOT NULL DEFAULT false;

-- As in 0003, but it looks only at what may leave a hole, and leaves the staged rows where they
-- are: they are removed once the log is free again (staging.Staging.commit).
CREATE OR REPLACE FUNCTION append_staged(
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
    WHERE s.batch_id = batch AND NOT s.follows AND s.originator_version > 1 AND NOT EXISTS (
        SELECT FROM events e WHERE e.originator_id = s.originator_id
                               AND e.originator_version = s.originator_version - 1)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'version % of stream % would leave a hole', lonely.version, lonely.stream
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'events_no_gap';
    END IF;

    UPDATE import_batches SET state = 'committed' WHERE batch_id = batch;
    RETURN begun;
END $$;
