-- What several servers on one database must agree on, kept as rows instead of in memory.

-- +goose Up
-- How much of an allowance is used: free_at is when the last try will have been paid back (milliseconds). Keys are hashes of what somebody typed, or ids.
CREATE TABLE throttles (
  key     TEXT NOT NULL PRIMARY KEY CHECK (key <> ''),
  free_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttles_free ON throttles (free_at);

-- Who does a piece of work that only one server may do, until when.
CREATE TABLE leases (
  name   TEXT NOT NULL PRIMARY KEY CHECK (name <> ''),
  holder TEXT NOT NULL CHECK (holder <> ''),
  until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
