-- Notices: that there is something to read or to do, sent outside. They lie beside the record. What
-- is owed follows from it and is found again at will; what became of each notice is kept here alone.
-- No address and nothing that a notice says about anybody is in these tables.
CREATE TABLE notices (
    reference       text COLLATE "C" PRIMARY KEY,  -- made from what is owed: always the same
    kind            text COLLATE "C" NOT NULL,
    staff_number    text COLLATE "C",              -- to whom: a member of staff,
    subject         text,                          -- or somebody as their token names them
    noted_at        timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
    state           text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'no-address', 'sent', 'failed', 'not-needed')),
    attempts        integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
    -- An attempt has begun of which nobody has said how it ended.
    in_doubt        boolean NOT NULL DEFAULT false,
    reason          text,                          -- why it waits or failed
    sent_at         timestamptz(6),
    sent_by         text,                          -- the courier that took it
    CHECK (num_nonnulls(staff_number, subject) = 1),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL AND sent_by IS NOT NULL))
);
CREATE INDEX notices_to_send_idx ON notices (next_attempt_at, reference)
    WHERE state IN ('waiting', 'no-address');
CREATE INDEX notices_noted_idx ON notices (noted_at, reference);

-- How far the log has been read for notices. What was on record before there were any gives none.
CREATE TABLE notices_position (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL CHECK (position >= 0)
);
INSERT INTO notices_position (position) SELECT last_position FROM log_head;
