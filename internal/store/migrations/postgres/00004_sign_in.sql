-- The twin of the sqlite migration of the same number.

-- +goose Up
-- The end of a one-time password, which must be changed at the first sign-in; NULL for a password of the person's own.
ALTER TABLE people ADD COLUMN password_until BIGINT;

-- half: the password was right and the code is still to come; such a session reaches nothing else. proved_at: the last full proof, 0 for none yet.
ALTER TABLE sessions ADD COLUMN half BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;

-- The seed of a person's code generator, pending until a first code confirmed it. last_step is the newest step whose code was used: none is taken twice.
CREATE TABLE factors (
  person_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES people (id),
  secret       BYTEA NOT NULL CHECK (length(secret) >= 20),
  confirmed_at BIGINT,
  last_step    BIGINT NOT NULL DEFAULT 0
);

-- SHA-256 of recovery codes of 120 random bits, each good for one sign-in.
CREATE TABLE recovery_codes (
  person_id TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  hash      BYTEA NOT NULL CHECK (length(hash) = 32),
  used_at   BIGINT,
  PRIMARY KEY (person_id, hash)
);
