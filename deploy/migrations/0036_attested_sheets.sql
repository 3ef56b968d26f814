-- Everybody by the attested clock: the sheets of the assignments of those people of whom an older
-- system has recorded anything, with recorded_from and recorded_to on that clock. Of everybody else
-- the sheets of position_sheet hold on both clocks. A person's rows are made anew, all of them,
-- whenever something is recorded of that person: an older history may change any of them.

CREATE TABLE attested_person (
    staff_number text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX attested_person_key ON attested_person (staff_number);

CREATE TABLE attested_sheet (LIKE position_sheet INCLUDING CONSTRAINTS);
CREATE INDEX attested_sheet_person_idx ON attested_sheet (staff_number, assignment);
