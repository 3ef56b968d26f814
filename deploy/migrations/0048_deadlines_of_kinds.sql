-- Deadlines of every kind of procedure that is declared for the engine. Its kinds name what is due
-- and from whom in words of their own.

ALTER TABLE obligation DROP CONSTRAINT obligation_owner_check;
ALTER TABLE obligation
    ADD COLUMN matter     text COLLATE "C",        -- null: of a fact from before the kinds
    ADD COLUMN group_name text COLLATE "C",        -- null: not of a group as a whole
    ADD COLUMN owed_to    text COLLATE "C",        -- to whom a duty is owed, where that is said
    ADD COLUMN later_on   date;                    -- the later reading of the day, where there are two
CREATE INDEX obligation_matter_idx ON obligation (matter, coalesce(staff_number, ''), place)
    WHERE matter IS NOT NULL;

-- The book of what is due as the engine reads it, and how far the order of days has come: what a
-- page has to know of what was recorded before. Staff number, group: blank is none.

CREATE TABLE due_matter (
    matter     text COLLATE "C" PRIMARY KEY,
    exercise   text COLLATE "C" NOT NULL,          -- what answers call it by
    heard      text[] COLLATE "C" NOT NULL,        -- other matters whose streams it takes facts from
    last_day   date,
    last_phase smallint,
    last_order bigint,
    last_nth   integer
);
CREATE TABLE due_person (
    matter       text COLLATE "C" NOT NULL,
    staff_number text COLLATE "C" NOT NULL,
    formed_in    text COLLATE "C",                 -- the group that the matter put them in
    joined_to    text COLLATE "C",                 -- the group that they were brought into by name
    last_day     date,
    last_phase   smallint,
    last_order   bigint,
    last_nth     integer,
    PRIMARY KEY (matter, staff_number)
);
CREATE INDEX due_person_group_idx ON due_person (matter, coalesce(joined_to, formed_in));
CREATE TABLE due_line (
    matter       text COLLATE "C" NOT NULL,
    staff_number text COLLATE "C" NOT NULL,
    group_name   text COLLATE "C" NOT NULL,
    what         text COLLATE "C" NOT NULL,
    about        text COLLATE "C" NOT NULL,
    is_act       boolean NOT NULL,                 -- of the clock: never a deadline
    hangs_on     text[] COLLATE "C" NOT NULL,      -- names of milestones, or of what else is due
    due          json NOT NULL,
    PRIMARY KEY (matter, staff_number, group_name, what, about)
);
CREATE INDEX due_line_hanging_idx ON due_line (matter) WHERE hangs_on <> '{}' AND NOT is_act;
