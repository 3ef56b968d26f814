-- Positions as sheets: one row is the whole answer about one assignment of one person on some days
-- as known at some instants, instead of a row for every facet. The rows of migration 0011 are
-- dropped and made again from the log at the next start.
--
-- Days and instants at the end of a range are excluded; 'infinity' and '-infinity' stand for open
-- ends. A row is written once and only ever gets its recorded_to. Texts that users supply have
-- their NULs escaped (projections/texts.py).
--
-- No primary keys: a table that is filled from nothing has its indexes built at the end.

DROP TABLE person_known;
DROP TABLE position_period;
DROP TABLE term_period;

CREATE TABLE position_sheet (
    staff_number            text COLLATE "C" NOT NULL,
    -- Blank: the person's own sheets. They hold the terms (in why), begin with the registration and
    -- cover every day, also where nothing is held: so they say too that the person is on record.
    assignment              text COLLATE "C" NOT NULL,
    effective_from          date NOT NULL,
    effective_to            date NOT NULL,
    recorded_from           timestamptz(6) NOT NULL,
    recorded_to             timestamptz(6) NOT NULL,
    -- Of one assignment, the row for a day and an instant is among those of the last epoch that
    -- began at or before the instant (transfer/core/sheets.py).
    epoch                   timestamptz(6) NOT NULL,
    employer                text COLLATE "C",
    unit                    text COLLATE "C",
    post                    text COLLATE "C",
    role                    text COLLATE "C",
    band                    text COLLATE "C",
    paid_band               text COLLATE "C",
    pay_point               text COLLATE "C",
    terms_set               text COLLATE "C",
    workplace               text COLLATE "C",
    fte                     text COLLATE "C",
    line_manager            text COLLATE "C",
    hr_process_owner        text COLLATE "C",
    professional_supervisor text COLLATE "C",
    amount                  numeric,         -- fte as a number
    why                     text NOT NULL,   -- JSON: projections/position_texts.py
    -- Of the person's own sheets: how many assignments run at once on these days; 0 if not several.
    at_once                 smallint NOT NULL,
    CHECK (effective_from < effective_to),
    CHECK (recorded_from < recorded_to),
    CHECK (epoch <= recorded_from)
);
-- One person's sheet for a day and an instant: what does not hold there is passed over in the index.
CREATE INDEX position_sheet_person_idx ON position_sheet
    (staff_number, assignment, epoch, effective_from, recorded_from, effective_to, recorded_to);
-- What began and what ended between two instants.
CREATE INDEX position_sheet_begun_idx ON position_sheet (recorded_from);
CREATE INDEX position_sheet_ended_idx ON position_sheet (recorded_to)
    WHERE recorded_to < 'infinity';
-- Whom a head count must not count twice.
CREATE INDEX position_sheet_at_once_idx ON position_sheet (staff_number) WHERE at_once > 1;

-- Of whom a value of a facet was ever stated: where to look for those who have it. The key is a
-- hash of facet and value.
CREATE TABLE ever_stated (
    value_key    bigint NOT NULL,
    staff_number text COLLATE "C" NOT NULL
);
CREATE INDEX ever_stated_idx ON ever_stated (value_key, staff_number);

-- Terms that hold for everybody in the scope of an exercise, from its consultation. A row is a
-- period of one term; under a temporary one stands another (layer).
CREATE TABLE collective_term (
    consultation        text COLLATE "C" NOT NULL,
    exercise            text COLLATE "C" NOT NULL,
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
CREATE UNIQUE INDEX collective_term_current_key
    ON collective_term (consultation, md5(term), layer, effective_from)
    WHERE recorded_to = 'infinity';
CREATE INDEX collective_term_exercise_idx
    ON collective_term (exercise, effective_from, effective_to, recorded_from, recorded_to);

TRUNCATE scope_membership;
DELETE FROM projection_positions WHERE name = 'position';
