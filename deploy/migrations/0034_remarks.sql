-- What stands beside a record: links with other staff numbers, objections and their answers. One row
-- a fact, only ever added to; what stood at an instant is folded from these (projections/remarks.py).
-- The words of an objection are not here but in the vault.
CREATE TABLE remark (
    staff_number  text COLLATE "C" NOT NULL,
    place         bigint NOT NULL,                 -- of the event in the log
    recorded_from timestamptz(6) NOT NULL,
    recorded_by   text COLLATE "C" NOT NULL,
    event_id      uuid NOT NULL,
    remark        text COLLATE "C" NOT NULL
                  CHECK (remark IN ('linked', 'unlinked', 'objected', 'withdrawn', 'answered')),
    of_event      uuid,                            -- link undone, entry or objection concerned
    other         text COLLATE "C",                -- the staff number linked or unlinked
    reason        text COLLATE "C",                -- of a link: why
    outcome       text COLLATE "C",                -- of an answer
    put_right_by  uuid,                            -- of an answer: the entry that does so
    basis         json,
    PRIMARY KEY (staff_number, place)
);
