-- Which appeal a step is of, on which day it happened and until when its panel decides: all appeals of
-- an exercise are listed from these. What is emptied here is made again from the log at the next start.
ALTER TABLE exercise_step
    ADD COLUMN appeal      text COLLATE "C",       -- null: a step of the exercise itself
    ADD COLUMN happened_on date,                   -- of a step of an appeal
    ADD COLUMN panel_on    date;                   -- where the step says by when a panel decides
CREATE INDEX exercise_step_appeal_idx ON exercise_step (place)
    WHERE appeal IS NOT NULL OR step = 'undone';

TRUNCATE exercise_step;
DELETE FROM projection_positions WHERE name = 'exercise-outcome';
