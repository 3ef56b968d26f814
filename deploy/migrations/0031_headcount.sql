-- Head counts kept at checkpoints: a cache of what position_sheet says, so that everybody can be
-- counted for any day and instant without looking at everybody.
--
-- A checkpoint holds, of one facet as known at one instant, how many sheets have each value from
-- each day on. A count starts from the last one at or before the instant asked about and adds the
-- sheets that began since and takes off those that ended (projections/headcount.py). It is true of
-- one generation of the tables of positions (projection_positions): where they are made anew by a
-- migration, these two must be emptied too.

CREATE TABLE headcount_checkpoint (
    generation  bigint NOT NULL,
    facet       text COLLATE "C" NOT NULL,
    recorded_at timestamptz(6) NOT NULL,
    steps       bigint NOT NULL,                 -- days of all its values: what a next one copies
    PRIMARY KEY (generation, facet, recorded_at)
);

CREATE TABLE headcount_step (
    generation  bigint NOT NULL,
    facet       text COLLATE "C" NOT NULL,
    recorded_at timestamptz(6) NOT NULL,
    assignment  text COLLATE "C" NOT NULL,
    value       text COLLATE "C" NOT NULL,
    days        date[] NOT NULL,                 -- from which heads and fte are
    heads       bigint[] NOT NULL,
    fte         numeric[] NOT NULL
);
CREATE INDEX headcount_step_idx ON headcount_step (generation, facet, recorded_at);
