-- What every read model shares: how far it has seen the log. A model's rows and its row here are
-- written in one transaction, so together they are always true of one place in the log.

CREATE TABLE projection_positions (
    name         text COLLATE "C" PRIMARY KEY,
    position     bigint NOT NULL DEFAULT 0 CHECK (position >= 0),  -- every event counts, also
    recorded_at  timestamptz(6),                                   -- those of no interest to it
    failed_event uuid,                   -- the event that it stopped at, and what went wrong
    failure      text,
    CHECK ((position = 0) = (recorded_at IS NULL))
);
