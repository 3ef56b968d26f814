-- A look at import_batches for each staged row cost more than the row. Rows come in by one way
-- (transfer/log/staging.py), which holds their batch's row while it writes them; a batch is
-- forgotten together with them.
ALTER TABLE import_staged DROP CONSTRAINT import_staged_batch_id_fkey;
