-- From when anything had come of an obligation, and from when it was settled for good: what is still
-- to be done is found by these, without reading all that ever came of everything. An obligation may
-- be missed and done later, and what was done may be undone: its last word counts.
ALTER TABLE obligation
    ADD COLUMN first_outcome_from timestamptz(6) NOT NULL DEFAULT 'infinity',
    -- 'infinity': nothing has come of it, or it was missed and nothing since
    ADD COLUMN settled_from       timestamptz(6) NOT NULL DEFAULT 'infinity';

WITH outcome AS (
    SELECT obligation_id, recorded_from, place,
           max(place) FILTER (WHERE outcome = 'missed') OVER of_one AS missed_at
    FROM obligation_outcome
    WINDOW of_one AS (PARTITION BY obligation_id)
), each AS (
    SELECT obligation_id, min(recorded_from) AS first_outcome_from,
           min(recorded_from) FILTER (WHERE missed_at IS NULL OR place > missed_at) AS settled_from
    FROM outcome GROUP BY obligation_id
)
UPDATE obligation AS o
SET first_outcome_from = each.first_outcome_from,
    settled_from = coalesce(each.settled_from, 'infinity')
FROM each WHERE o.obligation_id = each.obligation_id;

CREATE INDEX obligation_unsettled_idx ON obligation (matter, what, settled_from);
CREATE INDEX obligation_to_do_idx ON obligation (settled_from) WHERE NOT is_right;
-- Those of which something had come and which were not settled then: they were missed.
CREATE INDEX obligation_missed_idx ON obligation (settled_from)
    WHERE first_outcome_from < settled_from;
