-- Whoever reads by a grant (a member of staff, a representative, a panel) is served by connections
-- that have put on the role transfer_restricted. It owns nothing and may write nothing, and of
-- people it sees the rows of those whom the record grants to the reader: by the appointments that
-- are on record (0062), and not by what the program believes. A connection that says no reader sees
-- nobody.
--
-- Where this database's user may not create roles there is no such role. Then nothing here has an
-- effect, `transfer doctor` says so, and those readers are not served.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'transfer_restricted') THEN
        CREATE ROLE transfer_restricted NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, 'transfer_restricted', 'SET') THEN
        GRANT transfer_restricted TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'the role transfer_restricted cannot be made or put on: see transfer doctor';
    -- Another database of this server made it at the same moment.
    WHEN duplicate_object OR unique_violation THEN NULL;
END $$;

-- The people whom the reader of this connection may read, as `transfer.reader` says who it is:
-- {"role", "subject", "today", "what", "asked": one number or null, "own": staff numbers}.
CREATE FUNCTION reachable_people() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path FROM CURRENT
AS $$
    WITH reader AS (
        SELECT nullif(current_setting('transfer.reader', true), '')::jsonb AS is
    )
    SELECT CASE reader.is ->> 'role'
        WHEN 'staff' THEN ARRAY(SELECT jsonb_array_elements_text(reader.is -> 'own'))
        -- A case is folded by the program: of its people the one that is asked about.
        WHEN 'dispute' THEN ARRAY(SELECT jsonb_array_elements_text(reader.is -> 'own'))
        WHEN 'union' THEN ARRAY(
            SELECT a.staff_number FROM appointment AS a
            WHERE a.representative = reader.is ->> 'subject'
              AND (reader.is ->> 'asked' IS NULL OR a.staff_number = reader.is ->> 'asked')
              AND (a.scopes ? 'everything' OR a.scopes @> (reader.is -> 'what'))
              AND a.effective_from <= (reader.is ->> 'today')::date
              AND (a.effective_to IS NULL OR (reader.is ->> 'today')::date < a.effective_to))
        ELSE '{}'
    END
    FROM reader
$$;

-- Gives the role what it may read, of these tables or of all. To be called for a table that takes
-- the place of another: of those, and of no other, so that nobody who reads the rest has to wait.
CREATE FUNCTION restrict_readers(only_of text[] DEFAULT NULL) RETURNS void
LANGUAGE plpgsql
SET search_path FROM CURRENT
AS $$
DECLARE
    of_people CONSTANT text[] := ARRAY['events', 'position_sheet', 'scope_membership', 'remark',
                                       'obligation', 'obligation_outcome', 'reads',
                                       'read_questions', 'read_answers', 'person_keys',
                                       'person_fields'];
    of_nobody CONSTANT text[] := ARRAY['log_head', 'commands', 'simulated_clock',
                                       'projection_positions', 'collective_term',
                                       'rulebook_editions', 'rulebook_names'];
    named text;
    whose text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'transfer_restricted') THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO transfer_restricted', current_schema());
    FOREACH named IN ARRAY of_people || of_nobody LOOP
        CONTINUE WHEN named <> ALL (only_of);
        EXECUTE format('GRANT SELECT ON %I TO transfer_restricted', named);
    END LOOP;
    FOREACH named IN ARRAY of_people LOOP
        CONTINUE WHEN named <> ALL (only_of);
        whose := 'staff_number = ANY (ARRAY(SELECT unnest(reachable_people())))';
        CASE named
            WHEN 'events' THEN
                whose := 'NOT starts_with(originator_id, ''staff:'') OR originator_id = ANY (ARRAY('
                         'SELECT ''staff:'' || person FROM unnest(reachable_people()) AS person))';
            WHEN 'obligation_outcome' THEN
                whose := 'obligation_id IN (SELECT o.obligation_id FROM obligation AS o'
                         ' WHERE ' || whose || ')';
            WHEN 'read_answers' THEN
                whose := 'question_id IN (SELECT q.question_id FROM read_questions AS q'
                         ' WHERE ' || whose || ')';
            ELSE NULL;
        END CASE;
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', named);
        EXECUTE format('DROP POLICY IF EXISTS reachable ON %I', named);
        EXECUTE format('DROP POLICY IF EXISTS everybody ON %I', named);
        EXECUTE format('CREATE POLICY reachable ON %I FOR SELECT TO transfer_restricted USING (%s)',
                       named, whose);
        -- The owner is not asked. Another user of the database sees what it was given.
        EXECUTE format('CREATE POLICY everybody ON %I USING (current_user <> ''transfer_restricted'')'
                       ' WITH CHECK (current_user <> ''transfer_restricted'')', named);
    END LOOP;
END $$;

SELECT restrict_readers();
