-- The register of reads: who has read whose record, about which days, as known when, and why. It
-- lies beside the log and never in the way of an append. A row is on record before the answer is
-- given, and stays for ever: no program of ours changes or removes one, and the database refuses it.
CREATE TABLE reads (
    staff_number text COLLATE "C" NOT NULL,
    read_id      bigint GENERATED ALWAYS AS IDENTITY,
    read_at      timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
    subject      text NOT NULL,            -- who read, as the token says
    role         text NOT NULL,            -- in which of their roles
    what         text NOT NULL,            -- the address that was asked, without what was asked
    effective_at date,                     -- the day that was asked about; NULL: every day
    known_at     timestamptz(6),           -- as known at that instant
    reason       text,                     -- why, where the reader said so
    PRIMARY KEY (staff_number, read_id)
);

CREATE FUNCTION refuse_to_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the register of reads keeps every row as it is'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER reads_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON reads
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_forget();
