-- The text of every edition that an office added, or under which something was opened, by the
-- SHA-256 of its bytes. An old case is judged by the text of its day, whatever the program ships.
CREATE TABLE rulebook_editions (
    sha256   bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    edition  text COLLATE "C" NOT NULL,
    source   bytea NOT NULL,
    added_by text NOT NULL,
    added_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
    -- Set by the first opening under this text: from then on the edition is never replaced.
    opened   boolean NOT NULL DEFAULT false,
    CHECK (sha256 = sha256(source))
);

-- The text that an edition's name stands for now: the office's own, until it is replaced.
CREATE TABLE rulebook_names (
    edition text COLLATE "C" PRIMARY KEY,
    sha256  bytea NOT NULL REFERENCES rulebook_editions (sha256)
);
