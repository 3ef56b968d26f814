-- The groups of an exercise are read by the book of what is due, like those of any other kind.
DROP TABLE cohort_member;
DROP TABLE cohort_reset;
