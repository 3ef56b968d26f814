-- A staged import lies in few and large rows: each a piece of it, ready to be sent back to the server
-- by COPY once its places in the log are filled in (transfer/log/staging.py). One row an event cost
-- as much to write and to move onto the log as the log itself.
--
-- An import that is under way keeps its batch and is staged from its first event again.
UPDATE import_batches SET staged_to = 0 WHERE state = 'staging';
DROP FUNCTION append_staged;
DROP TABLE import_staged;

CREATE TABLE import_pieces (
    batch_id      uuid NOT NULL REFERENCES import_batches ON DELETE CASCADE,
    first_ordinal integer NOT NULL,
    rows          bytea NOT NULL,       -- rows of a binary COPY into events
    places        bytea NOT NULL,       -- where in them each place lies: integers in network order
    -- What does not follow an event of its own piece: looked for in the log when all are there.
    streams       text[] COLLATE "C" NOT NULL,
    versions      bigint[] NOT NULL,
    PRIMARY KEY (batch_id, first_ordinal)
);
-- Written once and read once: to compress them would take longer than to write them.
ALTER TABLE import_pieces ALTER rows SET STORAGE EXTERNAL, ALTER places SET STORAGE EXTERNAL;
