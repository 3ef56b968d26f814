-- Extracts: questions whose answers are kept as they were given, so that they can be cited. They lie
-- beside the record. What an extract says of a person is sealed under that person's own key
-- (transfer/vault.py), so that it goes with their personal data. No row is changed or removed.
CREATE TABLE extracts (
    reference  text COLLATE "C" PRIMARY KEY,  -- by which it is cited
    command_id uuid NOT NULL UNIQUE,          -- a repeated request gets the same extract
    asked      text NOT NULL,                 -- the question as it was sent, to know it again
    asked_by   text NOT NULL,                 -- the token's subject
    head       text NOT NULL,                 -- who asked, what and when, as JSON
    sha256     bytea NOT NULL                 -- of the whole answer
);

CREATE TABLE extract_parts (
    reference    text COLLATE "C" NOT NULL REFERENCES extracts,
    ordinal      integer NOT NULL,
    staff_number text COLLATE "C" NOT NULL,
    nonce        bytea,                       -- NULL: not sealed, as the person has no key
    content      bytea NOT NULL,              -- what is answered of them, as JSON
    PRIMARY KEY (reference, ordinal)
);

CREATE FUNCTION refuse_to_change_extracts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an extract stays as it was given' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER extracts_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON extracts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_extracts();
CREATE TRIGGER extract_parts_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON extract_parts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_extracts();
