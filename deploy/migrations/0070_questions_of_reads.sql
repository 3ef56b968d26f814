-- What a person asks about a read of their record, and what the office answers: beside the register
-- of reads, and kept as it is. The words are personal data and lie in the vault, under these ids.
CREATE TABLE read_questions (
    staff_number text COLLATE "C" NOT NULL,
    read_id      bigint NOT NULL,
    question_id  uuid NOT NULL UNIQUE,
    asked_at     timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
    asked_by     text NOT NULL,
    PRIMARY KEY (staff_number, read_id),   -- one question about one read
    FOREIGN KEY (staff_number, read_id) REFERENCES reads (staff_number, read_id)
);

CREATE TABLE read_answers (
    question_id uuid PRIMARY KEY REFERENCES read_questions (question_id),
    answered_at timestamptz(6) NOT NULL DEFAULT clock_timestamp(),
    answered_by text NOT NULL
);

CREATE TRIGGER questions_of_reads_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON read_questions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_forget();
CREATE TRIGGER answers_about_reads_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON read_answers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_forget();
