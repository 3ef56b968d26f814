-- Who does whose work while they are away, who said so and when. A row is never changed or removed:
-- ending it early adds another row.
CREATE TABLE hand_overs (
    place       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hand_over   uuid NOT NULL UNIQUE,
    recorded_at timestamptz(6) NOT NULL,   -- on the record's clock
    recorded_by text NOT NULL,             -- subjects, as tokens name them
    away        text NOT NULL,
    stands_in   text NOT NULL CHECK (stands_in <> away),
    first_day   date NOT NULL,
    last_day    date NOT NULL CHECK (last_day >= first_day),
    asked       text NOT NULL              -- the request, where it may be repeated by its key
);
CREATE INDEX hand_overs_away_idx ON hand_overs (away);

CREATE TABLE ended_hand_overs (
    hand_over uuid PRIMARY KEY REFERENCES hand_overs (hand_over),
    ended_at  timestamptz(6) NOT NULL,
    ended_by  text NOT NULL
);

CREATE FUNCTION refuse_to_change_hand_overs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'who did whose work keeps every row as it is'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER hand_overs_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON hand_overs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_hand_overs();
CREATE TRIGGER ended_hand_overs_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON ended_hand_overs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_hand_overs();
