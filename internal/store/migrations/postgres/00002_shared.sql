-- The twin of the sqlite migration of the same number.

-- +goose Up
-- How much of an allowance is used: free_at is when the last try will have been paid back (milliseconds). Keys are hashes of what somebody typed, or ids.
CREATE TABLE throttles (
  key     TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (key <> ''),
  free_at BIGINT NOT NULL
);
CREATE INDEX throttles_free ON throttles (free_at);

-- Who does a piece of work that only one server may do, until when.
CREATE TABLE leases (
  name   TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
  holder TEXT COLLATE "C" NOT NULL CHECK (holder <> ''),
  until  BIGINT NOT NULL
);
