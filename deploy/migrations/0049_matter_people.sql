-- Who has something on record in which matter, with the last day on which anything of theirs
-- happened, and whether they were ever brought into it one by one. It is read off the log from
-- `position` on before each use, so that whatever has appended there, it cannot lack anything; and
-- it may be emptied at any time.
CREATE TABLE matter_people (
    matter       text COLLATE "C" NOT NULL,
    staff_number text COLLATE "C" NOT NULL,
    last_day     date NOT NULL,
    joined       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (matter, staff_number)
);

-- How far the log has been read for it, and by which names of facts: a program that knows others
-- reads it again from the start. `whole`: nothing on the way was unreadable.
CREATE TABLE matter_people_read (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0,
    names    bytea NOT NULL DEFAULT '',
    whole    boolean NOT NULL DEFAULT true
);
INSERT INTO matter_people_read DEFAULT VALUES;
