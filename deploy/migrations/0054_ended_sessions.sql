-- Sessions of the pages that somebody has signed out of: their cookies are not accepted any more.
-- A row is of no use once its cookie would have expired by itself.
CREATE TABLE ended_sessions (
    nonce      text COLLATE "C" PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
