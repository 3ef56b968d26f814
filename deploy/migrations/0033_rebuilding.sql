-- Read models made again beside the live ones, and large commands taken in several pages.

-- While a projection is inside a command it has a position, but the instant is that of the last
-- command that it has whole: nobody is answered from half of one. So a position above 0 may be
-- without an instant.
ALTER TABLE projection_positions DROP CONSTRAINT projection_positions_check;
ALTER TABLE projection_positions ADD CONSTRAINT projection_positions_check
    CHECK (position > 0 OR recorded_at IS NULL);

ALTER TABLE projection_positions
    -- Grows when other tables take the place of a projection's: whoever writes them and keeps
    -- something in memory begins from the tables again.
    ADD COLUMN generation bigint NOT NULL DEFAULT 1,
    ADD COLUMN failed_at  timestamptz(6);    -- when it was first stopped by failed_event

-- A rebuild under way; a row whose program has ended (nobody holds its lock) is of no account.
CREATE TABLE projection_rebuilds (
    name       text COLLATE "C" PRIMARY KEY,
    schema     text COLLATE "C" NOT NULL,    -- where its tables are until they are swapped
    stage      text COLLATE "C" NOT NULL,
    position   bigint NOT NULL DEFAULT 0,    -- events of the log that are in them
    until      bigint NOT NULL DEFAULT 0,    -- and how many there will be
    started_at timestamptz(6) NOT NULL DEFAULT clock_timestamp()
);
