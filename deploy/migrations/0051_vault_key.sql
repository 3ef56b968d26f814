-- Under which key this record's personal data lies: its fingerprint, never the key. A service or a
-- command whose data folder has another key, or none, is refused (transfer/keys.py).
--
-- Filled when the record is first opened: the key is not the database's to know.
CREATE TABLE vault_key (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    fingerprint text COLLATE "C" NOT NULL
);
