-- Personal data: encrypted a person at a time, so that destroying one key erases one person while
-- the log, which holds staff numbers alone, stays whole.

CREATE TABLE person_keys (
    staff_number text COLLATE "C" PRIMARY KEY,
    wrapped_key  bytea,                    -- nonce and AES-256-GCM of the person's key
    erased_at    timestamptz(6),
    CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
);

-- Append-only: a changed name is a further row, the last one holds.
CREATE TABLE person_fields (
    revision     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    staff_number text COLLATE "C" NOT NULL REFERENCES person_keys,
    field        text COLLATE "C" NOT NULL,
    nonce        bytea NOT NULL,
    -- AES-256-GCM of the salt of the commitment and the value. The salt is inside, so that no one
    -- can guess an erased value and check the guess against the commitment.
    ciphertext   bytea NOT NULL,
    commitment   bytea NOT NULL            -- HMAC-SHA256 of the value under that salt
);
CREATE INDEX person_fields_of_person_idx ON person_fields (staff_number, field, revision DESC);
