-- Who had a person's data erased, why, and on which document. Null where it was done before this
-- was kept. It names nobody: `transfer erase` refuses a reason that has a name of theirs.
ALTER TABLE person_keys
    ADD COLUMN erased_by       text,
    ADD COLUMN erased_because  text,
    ADD COLUMN erased_document text;

-- Every process compares those who are erased with the lists outside the database when it starts.
CREATE INDEX person_keys_erased_idx ON person_keys (staff_number) WHERE wrapped_key IS NULL;
