-- Who acts for whom, read off the log itself: an appointment counts from the instant at which it is
-- on record, and a dismissal too, with no read model in between that could lag.

ALTER TABLE reads
    ADD COLUMN appointment  text,  -- of a representative: the procedure by which they may read
    ADD COLUMN dispute_case text;  -- of a panel: the case by which they may read

-- What a stored fact says.
CREATE FUNCTION fact_said(state bytea) RETURNS json
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT convert_from(state, 'UTF8')::json -> 'fact' $$;

CREATE INDEX events_appointed ON events ((fact_said(state) ->> 'representative'))
    WHERE topic = 'representative-appointed.v1';

-- Appointments that are neither dismissed nor replaced nor undone. Whether one runs today its days
-- say.
CREATE VIEW appointment AS
SELECT substr(made.originator_id, length('staff:') + 1) AS staff_number,
       fact_said(made.state) ->> 'representative'       AS representative,
       fact_said(made.state) ->> 'matter'               AS matter,
       (fact_said(made.state) -> 'scopes')::jsonb       AS scopes,
       (fact_said(made.state) ->> 'effective_from')::date AS effective_from,
       (fact_said(made.state) ->> 'effective_to')::date   AS effective_to
FROM events AS made
WHERE made.topic = 'representative-appointed.v1' AND NOT EXISTS (
    SELECT FROM events AS later
    WHERE later.originator_id = made.originator_id
      AND later.originator_version > made.originator_version
      AND CASE
          WHEN later.topic IN ('representative-appointed.v1', 'representative-dismissed.v1') THEN
              fact_said(later.state) ->> 'matter' = fact_said(made.state) ->> 'matter'
          WHEN later.topic = 'decision-undone.v1' THEN
              (fact_said(later.state) -> 'facts')::jsonb ? made.event_id::text
          END);
