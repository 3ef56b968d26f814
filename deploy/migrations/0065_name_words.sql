-- People are found by name, and names stay encrypted: beside a name stand the words of it and their
-- beginnings, each as eight bytes of an HMAC-SHA256 under a key that the database does not have
-- (transfer/vault.py). They go when the person is erased. A name from before this migration is NULL
-- until the record is next opened with its key.
ALTER TABLE person_fields ADD COLUMN name_words bigint[];
ALTER TABLE import_person_fields ADD COLUMN name_words bigint[];

CREATE INDEX person_fields_name_words_idx ON person_fields USING gin (name_words);
CREATE INDEX person_fields_without_words_idx ON person_fields (revision)
    WHERE name_words IS NULL AND (field = 'name' OR field LIKE 'name.%');
