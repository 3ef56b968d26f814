-- What happened to whom in an exercise, one row a fact (a scope: one row a person), only added to.
-- What it came to at an instant is folded from these (projections/exercise_outcome.py).
CREATE TABLE exercise_step (
    exercise      text COLLATE "C" NOT NULL,
    staff_number  text COLLATE "C",                -- null: of the exercise as a whole
    place         bigint NOT NULL,                 -- of the event in the log
    recorded_from timestamptz(6) NOT NULL,
    event_id      uuid NOT NULL,
    step          text COLLATE "C" NOT NULL,
    about         text COLLATE "C",                -- which answer, outcome, milestone or step
    destination   text COLLATE "C",
    employer      text COLLATE "C",
    route         text COLLATE "C",
    due_on        date,
    reason        text COLLATE "C",
    clauses       text COLLATE "C",                -- separated by spaces
    of_event      uuid
);
CREATE INDEX exercise_step_idx ON exercise_step (exercise, recorded_from);
CREATE INDEX exercise_step_event_idx ON exercise_step (event_id)
    WHERE step IN ('transferred', 'ended', 'corrected');
