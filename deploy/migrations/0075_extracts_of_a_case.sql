-- By which dispute case an extract was asked, so that a case lists its questions; NULL: by none, or
-- asked before this column was there.
ALTER TABLE extracts ADD COLUMN dispute_case text COLLATE "C";
CREATE INDEX extracts_dispute_case_idx ON extracts (dispute_case, asked_by)
    WHERE dispute_case IS NOT NULL;
