-- The events of an import wait outside the database and go onto the log straight from there
-- (transfer/log/staging.py): nothing but the personal data is stored twice.
--
-- What was staged before is of no use any more. An import that was under way is begun again by the
-- next run of the same file.
DELETE FROM import_batches WHERE state = 'staging';
DROP TABLE import_pieces;
