-- The log: every fact, in one order, and the command that each came from.
--
-- Appending is one call of append_to_log (or begin_command and COPY for many events). It takes
-- the row lock of log_head first and keeps it until commit, so that the order of commits is the
-- order of positions, positions have no gaps (a rollback gives them back), and a reader that has
-- seen position n will never find a new one below it. Readers are never blocked.

CREATE TABLE log_head (
    only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last_position     bigint NOT NULL DEFAULT 0,
    last_recorded_at  timestamptz(6),
    -- A rehearsed log is marked for ever, and its clock stays where the rehearsal ended.
    rehearsed_edition text,
    clock_stopped_at  timestamptz(6),
    CHECK (clock_stopped_at IS NULL OR rehearsed_edition IS NOT NULL)
) WITH (fillfactor = 10);   -- one row, rewritten by every command: leave room on its page

INSERT INTO log_head DEFAULT VALUES;

CREATE TABLE events (
    originator_id      text COLLATE "C" NOT NULL,          -- the stream
    originator_version bigint NOT NULL,
    topic              text COLLATE "C" NOT NULL,          -- the fact's stored name
    state              bytea NOT NULL,                     -- UTF-8 JSON: see readable_log
    notification_id    bigint NOT NULL,                    -- the position in the log
    recorded_at        timestamptz(6) NOT NULL,
    event_id           uuid NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (originator_id, originator_version),
    CONSTRAINT events_notification_id_key UNIQUE (notification_id),
    CONSTRAINT events_event_id_key UNIQUE (event_id)
);

-- One row a command, written in the append's own transaction: the memory that makes a repeated
-- command harmless, and the index from knowledge times to positions.
CREATE TABLE commands (
    command_id            uuid PRIMARY KEY,
    request_hash          bytea NOT NULL,
    subject               text NOT NULL,                   -- who gave it
    recorded_at           timestamptz(6) NOT NULL,
    first_notification_id bigint NOT NULL,
    event_count           integer NOT NULL CHECK (event_count > 0),
    CONSTRAINT commands_recorded_at_key UNIQUE (recorded_at)
);

-- For people. A NUL, which jsonb cannot hold, shows as U+FFFD; the log itself keeps it.
CREATE VIEW readable_log AS
SELECT notification_id AS position, recorded_at, originator_id AS stream,
       originator_version AS version, topic AS fact_name, event_id,
       replace(convert_from(state, 'UTF8'), '\u0000', '\ufffd')::jsonb AS state
FROM events;

CREATE TYPE command_begun AS (
    replayed              boolean,
    request_hash          bytea,
    recorded_at           timestamptz,
    first_notification_id bigint,
    event_count           integer
);

-- Takes the lock, the positions and the instant for one command of `events_expected` events, and
-- writes the command's row. A command that is on record already answers with that row, replayed,
-- and nothing is written. Where two deliveries of one command race past the first look, the later
-- fails with serialization_failure and need only be called again.
CREATE FUNCTION begin_command(
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
           last_recorded_at = greatest(
               coalesce(
                   given_at,
                   h.clock_stopped_at,
                   -- a rehearsal under way, and no simulated instant: as soon as possible
                   CASE WHEN h.rehearsed_edition IS NOT NULL THEN h.last_recorded_at END,
                   clock_timestamp()),
               h.last_recorded_at + interval '1 microsecond')
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

-- Every version after the first must follow one that is on record.
CREATE FUNCTION refuse_gaps(streams text[], versions bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    lonely record;
BEGIN
    SELECT new.stream, new.version INTO lonely
    FROM unnest(streams, versions) AS new (stream, version)
    WHERE new.version > 1 AND NOT EXISTS (
        SELECT FROM events e
        WHERE e.originator_id = new.stream AND e.originator_version = new.version - 1)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'version % of stream % would leave a hole', lonely.version, lonely.stream
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'events_no_gap';
    END IF;
END $$;

-- Appends one command's events, numbered in the order given. A version that is taken violates
-- events_pkey; one that would leave a hole in its stream, events_no_gap.
CREATE FUNCTION append_to_log(
    command uuid, hash bytea, given_by text, given_at timestamptz,
    streams text[], versions bigint[], topics text[], states bytea[], event_ids uuid[]
) RETURNS command_begun LANGUAGE plpgsql AS $$
DECLARE
    begun command_begun :=
        begin_command(command, hash, given_by, given_at, cardinality(streams));
BEGIN
    IF begun.replayed THEN
        RETURN begun;
    END IF;
    INSERT INTO events (originator_id, originator_version, topic, state, event_id,
                        notification_id, recorded_at)
    SELECT new.stream, new.version, new.topic, new.state, new.event_id,
           begun.first_notification_id + new.place - 1, begun.recorded_at
    FROM unnest(streams, versions, topics, states, event_ids) WITH ORDINALITY
         AS new (stream, version, topic, state, event_id, place);
    PERFORM refuse_gaps(streams, versions);
    RETURN begun;
END $$;
