-- How far the dispatcher has told Temporal about the log. A position means something only to the
-- Temporal memory that was told: where another one answers, it begins again at the first fact.

CREATE TABLE dispatcher_positions (
    task_queue text COLLATE "C" PRIMARY KEY,
    temporal   text COLLATE "C" NOT NULL,                          -- the identity of that memory
    position   bigint NOT NULL DEFAULT 0 CHECK (position >= 0)
);
