-- When this record was restored from a backup, and to which point of its log. What was recorded
-- between that point and the restoration is not on record any more; answers that were given about it
-- are known as such by this (transfer/log/restorations.py).
CREATE TABLE restorations (
    number      integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    restored_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
    backup      text NOT NULL,             -- the name of the backup
    position    bigint NOT NULL,           -- the last that is on record from before
    known_at    timestamptz(6),            -- its instant; null for an empty log
    -- What the archive shows of what came after; null where nobody looked, or could.
    lost_events bigint,
    lost_until  timestamptz(6)
);

-- An instant that was acknowledged and is lost must not be given out again, whatever the clock says:
-- entries come after it.
ALTER TABLE log_head ADD COLUMN not_before timestamptz(6);

CREATE OR REPLACE FUNCTION next_instant(head log_head, given_at timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE AS $$
    SELECT greatest(
        CASE WHEN head.is_simulated OR given_at IS NOT NULL
             THEN simulated_instant(head, given_at)
             ELSE clock_timestamp() END,
        head.last_recorded_at + interval '1 microsecond',
        head.not_before + interval '1 microsecond')
$$;
