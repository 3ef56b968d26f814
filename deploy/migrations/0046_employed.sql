-- Who is not employed on a day counts in no group (an assignment counts while it has an employer), so
-- head counts kept until now are of another rule; jobs at once are those with an employer; and a
-- collective term may name the day on which one must be employed to have it. What is dropped here is
-- made again from the log at the next start.

ALTER TABLE collective_term ADD COLUMN employed_on date;

TRUNCATE position_sheet, ever_stated, collective_term, scope_membership;
TRUNCATE headcount_checkpoint, headcount_step;
DELETE FROM projection_positions WHERE name = 'position';
