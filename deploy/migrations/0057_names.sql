-- A name that changes with a date is a row of this table too, as is what annuls one. The name itself
-- is in the vault, under the event.

ALTER TABLE remark
    DROP CONSTRAINT remark_remark_check,
    ADD CONSTRAINT remark_remark_check CHECK (remark IN (
        'linked', 'unlinked', 'objected', 'withdrawn', 'answered', 'named', 'annulled')),
    ADD COLUMN effective_from date;               -- of a name
