-- Everybody's position and terms on a day as known at an instant, read from the log by one
-- statement: a second reading of the effective-dating rule, which shares no code with the program
-- nor with tests/oracle.py. Parameters: effective_at (date), known_at (timestamptz).
WITH RECURSIVE
-- Rule 4: what was recorded later plays no part.
known AS MATERIALIZED (
    SELECT position, recorded_at, stream, fact_name, event_id, state -> 'fact' AS fact
    FROM readable_log
    WHERE recorded_at <= %(known_at)s
),
-- Rule 3: an annulment is final, and takes the entry that it names away, correction or not.
annulled AS MATERIALIZED (
    SELECT (fact ->> 'of')::uuid AS event_id FROM known WHERE fact_name = 'entry-annulled.v1'
  UNION ALL
    SELECT (fact ->> 'entry')::uuid FROM known
    WHERE fact_name = 'decision-undone.v1' AND fact ->> 'entry' IS NOT NULL
),
correction AS MATERIALIZED (
    SELECT position, event_id, coalesce(fact ->> 'of', fact -> 'made' ->> 'replaces')::uuid AS corrects
    FROM known
    WHERE (fact_name = 'entry-corrected.v1' OR fact -> 'made' ->> 'replaces' IS NOT NULL) AND event_id NOT IN (SELECT event_id FROM annulled)
),
original AS MATERIALIZED (
    SELECT position, stream, event_id
    FROM known
    WHERE fact_name IN (
        'staff-registered.v1', 'position-changed.v1', 'term-granted.v1', 'term-varied.v1',
        'term-ended.v1', 'staff-left.v1', 'staff-transferred.v1', 'employment-ended.v1',
        'collective-term-granted.v1', 'offer-withdrawn.v1', 'offer-referred-to-conciliation.v1',
        'offer-made-conditional.v1', 'offer-restored.v1', 'term-given-by-move.v1')
      AND fact -> 'made' ->> 'replaces' IS NULL
      AND event_id NOT IN (SELECT event_id FROM annulled)
),
-- Rule 3: the latest correction of an entry holds, and the latest correction of that one.
chain AS (
    SELECT event_id AS original, event_id AS content, 0 AS depth FROM original
    UNION ALL
    SELECT chain.original, latest.event_id, chain.depth + 1
    FROM chain CROSS JOIN LATERAL (
        SELECT event_id FROM correction WHERE corrects = chain.content
        ORDER BY position DESC LIMIT 1
    ) AS latest
),
in_place AS MATERIALIZED (
    SELECT DISTINCT ON (original) original, content FROM chain ORDER BY original, depth DESC
),
-- Every value, in its original entry's place in the order, with the dates of its content.
stated AS MATERIALIZED (
    SELECT original.position, original.stream, original.event_id, known.event_id AS content_id,
           known.recorded_at, known.fact -> 'basis' AS basis,
           (known.fact ->> 'effective_from')::date AS since,
           (known.fact ->> 'effective_to')::date AS until,
           said.kind, said.assignment, said.name, said.value
    FROM in_place
    JOIN original ON original.event_id = in_place.original
    JOIN known ON known.event_id = in_place.content
    CROSS JOIN LATERAL (
        SELECT 'facet' AS kind, known.fact ->> 'assignment' AS assignment, key AS name, value
        FROM jsonb_each_text(coalesce(known.fact -> 'position', known.fact -> 'changes'))
      UNION ALL
        SELECT 'facet', known.fact ->> 'assignment', name, NULL
        FROM unnest(ARRAY['employer', 'unit', 'post', 'role', 'band', 'paid_band', 'pay_point',
                          'terms_set', 'workplace', 'fte', 'line_manager', 'hr_process_owner',
                          'professional_supervisor']) AS name
        WHERE known.fact_name IN ('employment-ended.v1', 'staff-left.v1')
      UNION ALL
        SELECT 'term', '', key, value FROM jsonb_each_text(known.fact -> 'terms')
      UNION ALL
        SELECT 'term', '', known.fact ->> 'term', known.fact ->> 'value'
        WHERE known.fact ? 'term'
      UNION ALL
        SELECT 'term', '', 'continuous_service_from', known.fact ->> 'continuous_service_from'
        WHERE known.fact ->> 'continuous_service_from' IS NOT NULL
    ) AS said
),
-- The days on which anything about a value begins or ends cut its time into stretches.
stretch AS MATERIALIZED (
    SELECT *, lead(day, 1, 'infinity') OVER (PARTITION BY stream, kind, assignment, name
                                             ORDER BY day) AS next_day
    FROM (SELECT DISTINCT stream, kind, assignment, name, day
          FROM stated CROSS JOIN LATERAL (VALUES (since), (until)) AS edge (day)
          WHERE day IS NOT NULL) AS edges
),
-- Rules 1 and 2, for each stretch: which entry supplies it, with and without temporary values.
supplied AS MATERIALIZED (
    SELECT stretch.*, layer.standing_only, holds.position
    FROM stretch
    CROSS JOIN (VALUES (false), (true)) AS layer (standing_only)
    LEFT JOIN LATERAL (
        SELECT s.position
        FROM stated AS s
        WHERE (s.stream, s.kind, s.assignment, s.name)
            = (stretch.stream, stretch.kind, stretch.assignment, stretch.name)
          AND s.since <= stretch.day
          AND (s.until IS NULL OR (stretch.day < s.until AND NOT layer.standing_only))
        ORDER BY s.until IS NULL,                              -- a temporary value lies on top
                 CASE WHEN s.until IS NULL THEN s.since END DESC,
                 s.position DESC                               -- recorded last
        LIMIT 1
    ) AS holds ON true
),
-- Stretches that touch and come from one entry are one period.
numbered AS (
    SELECT *, count(*) FILTER (WHERE begins) OVER lane AS period
    FROM (SELECT *, position IS DISTINCT FROM lag(position) OVER lane AS begins FROM supplied
          WINDOW lane AS (PARTITION BY stream, kind, assignment, name, standing_only
                          ORDER BY day)) AS marked
    WINDOW lane AS (PARTITION BY stream, kind, assignment, name, standing_only ORDER BY day)
),
period AS MATERIALIZED (
    SELECT stream, kind, assignment, name, standing_only, position,
           min(day) AS effective_from, nullif(max(next_day), 'infinity') AS effective_to
    FROM numbered
    GROUP BY stream, kind, assignment, name, standing_only, period, position
),
held AS MATERIALIZED (
    SELECT p.stream, p.kind, p.assignment, p.name, p.standing_only,
           p.effective_from, p.effective_to, s.value, s.event_id,
           nullif(s.content_id, s.event_id) AS corrected_by, s.recorded_at,
           s.until IS NOT NULL AS temporary, nullif(s.basis, 'null') AS basis
    FROM period AS p
    JOIN stated AS s USING (stream, kind, assignment, name, position)
    WHERE s.value IS NOT NULL AND p.effective_from <= %(effective_at)s
      AND (p.effective_to IS NULL OR %(effective_at)s < p.effective_to)
),
-- Rule 5: who is employed that day, in which of their jobs.
employed AS MATERIALIZED (
    SELECT stream, assignment FROM held
    WHERE kind = 'facet' AND name = 'employer' AND NOT standing_only
),
-- Whom collective terms reach: those in scope on that day whom somebody then employs.
scope AS (
    SELECT substr(stream, length('staff:') + 1) AS staff_number, split_part(fact ->> 'matter', ':', 2) AS exercise,
           (fact ->> 'effective_from')::date AS since
    FROM known WHERE fact_name = 'brought-into-scope.v1'
  UNION ALL
    SELECT jsonb_array_elements_text(fact -> 'members'), split_part(fact ->> 'matter', ':', 2),
           (fact ->> 'effective_from')::date
    FROM known WHERE fact_name = 'scope-set.v1'
),
reached AS (
    SELECT DISTINCT scope.staff_number, scope.exercise
    FROM scope
    JOIN employed ON employed.stream = 'staff:' || scope.staff_number
    WHERE scope.since <= %(effective_at)s
),
-- A term may name a day on which one must be employed to have it: read anew for that day.
named AS (
    SELECT known.event_id, (known.fact ->> 'employed_on')::date AS day
    FROM known WHERE known.fact ->> 'employed_on' IS NOT NULL
),
employed_then AS (
    SELECT DISTINCT named.event_id, p.stream
    FROM named
    JOIN period AS p ON p.kind = 'facet' AND p.name = 'employer' AND NOT p.standing_only
     AND p.effective_from <= named.day AND (p.effective_to IS NULL OR named.day < p.effective_to)
    JOIN stated AS s USING (stream, kind, assignment, name, position)
    WHERE s.value IS NOT NULL
),
reading AS (
    SELECT substr(stream, length('staff:') + 1) AS staff_number, NULL AS exercise, held.*
    FROM held WHERE stream LIKE 'staff:%%'
  UNION ALL
    SELECT reached.staff_number, reached.exercise, held.*
    FROM reached JOIN held ON held.stream = 'matter:consultation/' || reached.exercise
    WHERE held.event_id NOT IN (SELECT event_id FROM named)
       OR (held.event_id, 'staff:' || reached.staff_number) IN (
              SELECT event_id, stream FROM employed_then)
)
-- A row of nulls says that somebody is on record, and no more.
SELECT person.fact ->> 'staff_number' AS staff_number, r.kind, r.assignment, r.name, r.exercise,
       r.standing_only, r.value, r.effective_from, r.effective_to, r.event_id, r.corrected_by,
       r.recorded_at, r.temporary, r.basis,
       EXISTS (SELECT FROM employed
               WHERE employed.stream = 'staff:' || r.staff_number
                 AND employed.assignment = r.assignment) AS employed
FROM known AS person
LEFT JOIN reading AS r ON r.staff_number = person.fact ->> 'staff_number'
WHERE person.fact_name = 'staff-registered.v1'
ORDER BY r.standing_only DESC
