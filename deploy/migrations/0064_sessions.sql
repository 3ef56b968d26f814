-- The sessions of the pages: who is signed in, in which browser, and until when. The browser holds
-- an id by chance and nothing else; here lies what it stands for, under a keyed hash of that id, so
-- that a copy of this table opens no session. A row goes when its session ends.
CREATE TABLE sessions (
    session_hash bytea PRIMARY KEY,
    subject      text COLLATE "C" NOT NULL,
    roles        text[] NOT NULL,
    staff_number text,                     -- where the token claims one
    body         text,                     -- the union or the panel that they act for
    employers    text[] NOT NULL,          -- an administrator's limits
    units        text[] NOT NULL,
    created_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,     -- the last page, to within a minute
    ends_at      timestamptz NOT NULL      -- whatever is done in it
);
CREATE INDEX sessions_of_a_subject ON sessions (subject);

-- What stood in the way of signed cookies from before.
DROP TABLE ended_sessions;
