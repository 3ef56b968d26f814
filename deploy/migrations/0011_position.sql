-- Position and terms on two clocks. A row is a period: the days on which one event supplies a
-- value (effective_to excluded), between two instants of knowledge (recorded_to excluded).
-- 'infinity' stands for an open end. A row is written once and only ever gets its recorded_to.
--
-- Texts that users supply have their NULs escaped (projections/texts.py) and are never whole in an
-- index, because PostgreSQL can hold neither a NUL nor a long text there; basis is json and not
-- jsonb for the same reason.

CREATE TABLE person_known (
    staff_number  text COLLATE "C" PRIMARY KEY,
    recorded_from timestamptz(6) NOT NULL,
    event_id      uuid NOT NULL
);

CREATE TABLE position_period (
    staff_number        text COLLATE "C" NOT NULL,
    assignment          text COLLATE "C" NOT NULL,
    facet               text COLLATE "C" NOT NULL,
    layer               text COLLATE "C" NOT NULL CHECK (layer IN ('in_force', 'beneath')),
    effective_from      date NOT NULL,
    effective_to        date NOT NULL,
    recorded_from       timestamptz(6) NOT NULL,
    recorded_to         timestamptz(6) NOT NULL,
    value               text COLLATE "C" NOT NULL,
    amount              numeric,                 -- of the facet fte: the value as a number
    event_id            uuid NOT NULL,           -- the registration or change it comes from
    corrected_by        uuid,                    -- the correction whose content is in force
    content_recorded_at timestamptz(6) NOT NULL,
    basis               json,
    temporary           boolean NOT NULL,
    CHECK (effective_from < effective_to),
    CHECK (recorded_from < recorded_to)
);

-- What is known now; also how the projector finds the row that it closes.
CREATE UNIQUE INDEX position_period_current_key
    ON position_period (staff_number, assignment, facet, layer, effective_from)
    WHERE recorded_to = 'infinity';
-- One person at any two times: only rows that hold there are fetched.
CREATE INDEX position_period_person_idx
    ON position_period (staff_number, effective_from, effective_to, recorded_from, recorded_to);
-- Everyone, by facet and value, in the order in which members are paged.
CREATE INDEX position_period_value_idx
    ON position_period (facet, left(value, 200), staff_number, assignment,
                        effective_from, effective_to, recorded_from, recorded_to)
    WHERE layer = 'in_force';

-- Terms of a person (subject: their stream) and collective ones (subject: the consultation's
-- stream, with the exercise whose scope they reach).
CREATE TABLE term_period (
    subject             text COLLATE "C" NOT NULL,
    exercise            text COLLATE "C",
    term                text COLLATE "C" NOT NULL,
    layer               text COLLATE "C" NOT NULL CHECK (layer IN ('in_force', 'beneath')),
    effective_from      date NOT NULL,
    effective_to        date NOT NULL,
    recorded_from       timestamptz(6) NOT NULL,
    recorded_to         timestamptz(6) NOT NULL,
    value               text COLLATE "C" NOT NULL,
    event_id            uuid NOT NULL,
    corrected_by        uuid,
    content_recorded_at timestamptz(6) NOT NULL,
    basis               json,
    temporary           boolean NOT NULL,
    CHECK (effective_from < effective_to),
    CHECK (recorded_from < recorded_to)
);
CREATE UNIQUE INDEX term_period_current_key
    ON term_period (subject, md5(term), layer, effective_from)
    WHERE recorded_to = 'infinity';
CREATE INDEX term_period_subject_idx
    ON term_period (subject, effective_from, effective_to, recorded_from, recorded_to);
CREATE INDEX term_period_exercise_idx
    ON term_period (exercise, effective_from, effective_to, recorded_from, recorded_to)
    WHERE exercise IS NOT NULL;

-- Whom an exercise covers, from which day: its collective terms reach them.
CREATE TABLE scope_membership (
    staff_number   text COLLATE "C" NOT NULL,
    exercise       text COLLATE "C" NOT NULL,
    effective_from date NOT NULL,
    recorded_from  timestamptz(6) NOT NULL,
    event_id       uuid NOT NULL,
    PRIMARY KEY (staff_number, exercise, event_id)
);
CREATE INDEX scope_membership_exercise_idx ON scope_membership (exercise, staff_number);
