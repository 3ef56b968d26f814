-- That a record takes given instants is decided while its log is empty, and for good.
--
-- 0045 keeps the row of simulated_clock so; the column that appends look at was kept by that
-- trigger alone, and a plain UPDATE could open a real record. It costs an append nothing: the
-- trigger looks at statements that name the column.
CREATE FUNCTION keep_the_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.is_simulated AND NOT old.is_simulated AND old.last_position > 0 THEN
        RAISE EXCEPTION 'the log holds real entries: its clock cannot be simulated any more'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'log_is_real';
    END IF;
    IF old.is_simulated AND NOT new.is_simulated THEN
        RAISE EXCEPTION 'what was recorded on simulated time never becomes a real record'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'clock_is_simulated';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER keep_the_mark BEFORE UPDATE OF is_simulated ON log_head
    FOR EACH ROW EXECUTE FUNCTION keep_the_mark();
