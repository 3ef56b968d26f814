-- An append may name what its decision only read: streams, each with the version at which it was
-- read. Where one has moved, the append is refused, under the lock that it holds anyway, so that a
-- decision over several streams is as exact as one over a single stream.

-- As in 0032, and: the first read_counts[1] of the reads are the first command's, and so on. A
-- command whose reads do not hold leaves nothing; its outcome is 'moved', and stale_stream says
-- which of them. The stream of a 'stale' command is said there too. An earlier command of the same
-- call counts: what it writes, a later one must not have read before.
DROP FUNCTION append_commands(
    uuid[], bytea[], text[], timestamptz[], integer[],
    text[], bigint[], boolean[], text[], bytea[], uuid[]);

CREATE FUNCTION append_commands(
    command_ids uuid[], request_hashes bytea[], subjects text[], instants timestamptz[],
    event_counts integer[], read_counts integer[],
    streams text[], versions bigint[], follows boolean[], topics text[], states bytea[],
    event_ids uuid[],
    read_streams text[], read_versions bigint[]
) RETURNS TABLE (
    outcome text, request_hash bytea, recorded_at timestamptz,
    first_notification_id bigint, event_count integer, stale_stream text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    head      log_head;
    reached   bigint;       -- the last position given out
    e         integer := 0; -- the last event dealt with
    last_e    integer;
    r         integer := 0; -- the last read dealt with
    last_r    integer;
BEGIN
    SELECT * INTO STRICT head FROM log_head FOR UPDATE;
    reached := head.last_position;

    FOR c IN 1 .. cardinality(command_ids) LOOP
        last_e := e + event_counts[c];
        last_r := r + read_counts[c];
        stale_stream := NULL;

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
                    stale_stream := streams[i];
                    EXIT;
                END IF;
            END LOOP;
            IF outcome = 'recorded' AND last_r > r THEN
                stale_stream := moved_read(read_streams[r + 1 : last_r],
                                           read_versions[r + 1 : last_r]);
                IF stale_stream IS NOT NULL THEN
                    outcome := 'moved';
                END IF;
            END IF;
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
        r := last_r;
        RETURN NEXT;
    END LOOP;

    IF reached > head.last_position THEN
        UPDATE log_head
           SET last_position = reached, last_recorded_at = head.last_recorded_at;
        PERFORM pg_notify('events', reached::text);
    END IF;
END $$;

-- The first of some streams that is not at the version given (0: nothing is on record); NULL where
-- all are. Only under the lock of log_head does the answer stay true until commit.
CREATE FUNCTION moved_read(streams text[], versions bigint[]) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. cardinality(streams) LOOP
        IF versions[i] <> coalesce(
            (SELECT max(v.originator_version) FROM events v
             WHERE v.originator_id = streams[i]), 0)
        THEN
            RETURN streams[i];
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- For a command of many events, which has begun and so holds the lock; the detail of the error is
-- the stream.
CREATE FUNCTION refuse_moved_reads(streams text[], versions bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    moved text := moved_read(streams, versions);
BEGIN
    IF moved IS NOT NULL THEN
        RAISE EXCEPTION 'stream % has moved since it was read', moved
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'events_read_moved', DETAIL = moved;
    END IF;
END $$;
