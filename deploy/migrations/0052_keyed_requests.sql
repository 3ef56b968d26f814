-- commands.request_hash is a keyed hash: HMAC-SHA256, under a key of the data folder, of the SHA-256
-- of the request. Without the key nobody can try names against it.
--
-- Until now it was the SHA-256 itself. The requests are gone, but HMAC takes their SHA-256: the old
-- rows become what they would be had they been written today, and a repeated request is still known.
-- The key is not the database's to know, so the program does it when it next opens the record, in
-- pieces: the row below says up to where hashes are plain, and how far it has got. No row: none is.
CREATE TABLE plain_request_hashes (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    plain_until timestamptz(6) NOT NULL,
    keyed_until timestamptz(6)
);
INSERT INTO plain_request_hashes (plain_until)
SELECT last_recorded_at FROM log_head WHERE last_position > 0;
