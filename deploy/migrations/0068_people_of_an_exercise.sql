-- The people of an exercise are read page by page, and the steps of one page of them together.
CREATE INDEX exercise_step_person_idx ON exercise_step (exercise, staff_number, place);
