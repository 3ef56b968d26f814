-- Personal data of a large import, sealed and waiting: it goes into the vault in the transaction
-- that puts the import on the log, and not before. `from_ordinal` is that of the piece of events
-- it came with, so that a run that goes on knows which of it to make again.

CREATE TABLE import_person_keys (
    batch_id     uuid NOT NULL REFERENCES import_batches ON DELETE CASCADE,
    from_ordinal integer NOT NULL,
    staff_number text COLLATE "C" NOT NULL,
    wrapped_key  bytea NOT NULL,
    PRIMARY KEY (batch_id, staff_number)
);

CREATE TABLE import_person_fields (
    batch_id     uuid NOT NULL REFERENCES import_batches ON DELETE CASCADE,
    from_ordinal integer NOT NULL,
    staff_number text COLLATE "C" NOT NULL,
    field        text COLLATE "C" NOT NULL,
    nonce        bytea NOT NULL,
    ciphertext   bytea NOT NULL,
    commitment   bytea NOT NULL,
    PRIMARY KEY (batch_id, staff_number, field)
);
