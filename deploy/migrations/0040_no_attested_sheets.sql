-- Everybody is counted and listed by the log's clock alone (docs/decisions/0020): the sheets by the
-- attested clock of migration 0036 are let go.
DROP TABLE attested_sheet;
DROP TABLE attested_person;
DELETE FROM projection_positions WHERE name = 'attested';
DELETE FROM projection_rebuilds WHERE name = 'attested';
