-- What is due, from whom and under which clause, on two clocks. Both tables only ever grow: what
-- was published stays, and what became of it is a further row.

CREATE TABLE obligation (
    obligation_id uuid PRIMARY KEY,
    exercise      text COLLATE "C" NOT NULL,
    staff_number  text COLLATE "C",                -- null: of the exercise as a whole
    what          text COLLATE "C" NOT NULL,
    about         text COLLATE "C" NOT NULL,       -- which milestone, meeting or step; else blank
    owner         text COLLATE "C" NOT NULL CHECK (owner IN ('employer', 'staff', 'panel', 'bodies')),
    is_right      boolean NOT NULL,                -- unused it lapses; a duty is missed
    due_on        date,                            -- null: no day is set
    calendar      text COLLATE "C",                -- the edition that due_on was counted with
    basis         json NOT NULL,
    opened_by     uuid NOT NULL,
    recorded_from timestamptz(6) NOT NULL,
    place         bigint NOT NULL                  -- of opened_by in the log
);
CREATE INDEX obligation_due_idx ON obligation (due_on, obligation_id);
CREATE INDEX obligation_slot_idx
    ON obligation (exercise, coalesce(staff_number, ''), what, about, place);
CREATE INDEX obligation_staff_idx ON obligation (staff_number, due_on);

CREATE TABLE obligation_outcome (
    obligation_id uuid NOT NULL,
    place         bigint NOT NULL,                 -- of event_id in the log
    outcome       text COLLATE "C" NOT NULL CHECK (outcome IN ('met', 'missed', 'superseded')),
    outcome_on    date,
    event_id      uuid NOT NULL,
    recorded_from timestamptz(6) NOT NULL,
    PRIMARY KEY (obligation_id, place)
);

-- Whom a window that is reset for a cohort reaches, and the last such reset.
CREATE TABLE cohort_member (
    exercise     text COLLATE "C" NOT NULL,
    cohort       text COLLATE "C" NOT NULL,
    staff_number text COLLATE "C" NOT NULL,
    PRIMARY KEY (exercise, cohort, staff_number)
);
CREATE TABLE cohort_reset (
    exercise    text COLLATE "C" NOT NULL,
    cohort      text COLLATE "C" NOT NULL,
    window_name text COLLATE "C" NOT NULL,
    due_on      date NOT NULL,
    PRIMARY KEY (exercise, cohort, window_name)
);
