-- Times are whole milliseconds since 1970 in UTC; NULL is a time that is not (yet) known. Names ending in _canon are org.Canonical of their neighbour.
-- Truth values are 0 and 1. Every table is STRICT, so that sqlite refuses what postgres would.

-- +goose Up
CREATE TABLE people (
  id            TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  number        TEXT NOT NULL,
  number_canon  TEXT NOT NULL CHECK (number_canon <> ''),
  name          TEXT NOT NULL,
  name_canon    TEXT NOT NULL CHECK (name_canon <> ''),
  email         TEXT NOT NULL DEFAULT '',
  job_profile   TEXT NOT NULL DEFAULT '',
  active_from   INTEGER,
  active_to     INTEGER,
  password_hash TEXT,
  CHECK (active_to IS NULL OR active_from IS NULL OR active_to > active_from)
) STRICT;
CREATE UNIQUE INDEX people_number ON people (number_canon);
CREATE INDEX people_name ON people (name_canon);

CREATE TABLE teams (
  id         TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  parent_id  TEXT REFERENCES teams (id),
  code       TEXT NOT NULL,
  code_canon TEXT NOT NULL CHECK (code_canon <> ''),
  name       TEXT NOT NULL,
  name_canon TEXT NOT NULL CHECK (name_canon <> ''),
  CHECK (parent_id <> id)
) STRICT;
CREATE UNIQUE INDEX teams_code ON teams (code_canon);
CREATE UNIQUE INDEX teams_sibling ON teams (coalesce(parent_id, ''), name_canon);
CREATE INDEX teams_parent ON teams (parent_id);

-- Every team with itself and each team above it.
CREATE VIEW team_above AS
WITH RECURSIVE up (team_id, above_id) AS (
  SELECT id, id FROM teams
  UNION
  SELECT up.team_id, teams.parent_id FROM up JOIN teams ON teams.id = up.above_id WHERE teams.parent_id IS NOT NULL
)
SELECT team_id, above_id FROM up;

CREATE TABLE grants (
  person_id TEXT NOT NULL REFERENCES people (id),
  access    TEXT NOT NULL CHECK (access IN ('agent', 'trainer', 'manager', 'admin')),
  team_id   TEXT REFERENCES teams (id),
  CHECK ((access = 'manager') = (team_id IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX grants_once ON grants (person_id, access, coalesce(team_id, ''));
CREATE INDEX grants_team ON grants (team_id);

-- Half-open [since, until). One team at a time.
CREATE TABLE memberships (
  person_id TEXT NOT NULL REFERENCES people (id),
  team_id   TEXT NOT NULL REFERENCES teams (id),
  since     INTEGER NOT NULL,
  until     INTEGER,
  CHECK (until IS NULL OR until > since)
) STRICT;
CREATE UNIQUE INDEX memberships_current ON memberships (person_id) WHERE until IS NULL;
CREATE UNIQUE INDEX memberships_since ON memberships (person_id, since);
CREATE INDEX memberships_team ON memberships (team_id, person_id);

CREATE TABLE sessions (
  id         TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  person_id  TEXT NOT NULL REFERENCES people (id),
  token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
  user_agent TEXT NOT NULL DEFAULT '',
  started_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  idle       INTEGER NOT NULL CHECK (idle > 0),
  expires_at INTEGER NOT NULL CHECK (expires_at > started_at)
) STRICT;
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE cycles (
  id        TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  name_zh   TEXT NOT NULL,
  name_en   TEXT NOT NULL DEFAULT '',
  starts_at INTEGER NOT NULL,
  ends_at   INTEGER NOT NULL,
  closed_at INTEGER,
  CHECK (ends_at > starts_at)
) STRICT;
CREATE INDEX cycles_start ON cycles (starts_at);

-- Definitions as they were written, pinned by the hash of their content. Never changed.
CREATE TABLE definitions (
  hash       TEXT NOT NULL PRIMARY KEY CHECK (hash <> ''),
  definition TEXT NOT NULL,
  version    INTEGER NOT NULL CHECK (version > 0),
  schema     TEXT NOT NULL,
  source     BLOB NOT NULL
) STRICT;

CREATE TABLE assignments (
  id          TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  assessment  TEXT NOT NULL CHECK (assessment <> ''),
  assigned_by TEXT NOT NULL REFERENCES people (id),
  opens       INTEGER NOT NULL,
  closes      INTEGER NOT NULL,
  cycle_id    TEXT REFERENCES cycles (id),
  created_at  INTEGER NOT NULL,
  CHECK (closes > opens)
) STRICT;
CREATE INDEX assignments_created ON assignments (created_at);
CREATE INDEX assignments_by ON assignments (assigned_by);

CREATE TABLE assignment_teams (
  assignment_id TEXT NOT NULL REFERENCES assignments (id),
  team_id       TEXT NOT NULL REFERENCES teams (id),
  PRIMARY KEY (assignment_id, team_id)
) STRICT;
CREATE INDEX assignment_teams_team ON assignment_teams (team_id);

CREATE TABLE assignment_people (
  assignment_id TEXT NOT NULL REFERENCES assignments (id),
  person_id     TEXT NOT NULL REFERENCES people (id),
  PRIMARY KEY (assignment_id, person_id)
) STRICT;
CREATE INDEX assignment_people_person ON assignment_people (person_id);

-- Who is asked to sit what: named people, and everybody who was in a named team, or in one below it, at any time of the window.
CREATE VIEW assigned AS
SELECT p.assignment_id, p.person_id FROM assignment_people p
UNION
SELECT t.assignment_id, m.person_id
FROM assignment_teams t
JOIN assignments a ON a.id = t.assignment_id
JOIN team_above u ON u.above_id = t.team_id
JOIN memberships m ON m.team_id = u.team_id AND m.since < a.closes AND (m.until IS NULL OR m.until > a.opens)
JOIN people p ON p.id = m.person_id AND (p.active_from IS NULL OR p.active_from < a.closes) AND (p.active_to IS NULL OR p.active_to > a.opens);

CREATE TABLE time_factors (
  assignment_id TEXT NOT NULL REFERENCES assignments (id),
  person_id     TEXT NOT NULL REFERENCES people (id),
  factor        REAL NOT NULL CHECK (factor BETWEEN 1 AND 3),
  PRIMARY KEY (assignment_id, person_id)
) STRICT;

CREATE TABLE sittings (
  id              TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  person_id       TEXT NOT NULL REFERENCES people (id),
  assignment_id   TEXT NOT NULL REFERENCES assignments (id),
  assessment      TEXT NOT NULL,
  assessment_hash TEXT NOT NULL REFERENCES definitions (hash),
  title_zh        TEXT NOT NULL,
  title_en        TEXT NOT NULL DEFAULT '',
  cycle_id        TEXT REFERENCES cycles (id),
  seed            INTEGER NOT NULL, -- the bits of an unsigned number
  time_factor     REAL NOT NULL CHECK (time_factor BETWEEN 1 AND 3),
  state           TEXT NOT NULL CHECK (state IN ('open', 'submitted')),
  started_at      INTEGER NOT NULL,
  deadline        INTEGER,
  submitted_at    INTEGER,
  auto            INTEGER NOT NULL CHECK (auto IN (0, 1)),
  blank           INTEGER NOT NULL CHECK (blank IN (0, 1)),
  counts          INTEGER NOT NULL CHECK (counts IN (0, 1)),
  holder          TEXT NOT NULL,
  seen_at         INTEGER NOT NULL,
  score           REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
  CHECK ((state = 'submitted') = (submitted_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX sittings_once ON sittings (person_id, assignment_id);
CREATE UNIQUE INDEX sittings_open ON sittings (person_id, assessment) WHERE state = 'open';
CREATE INDEX sittings_due ON sittings (deadline) WHERE state = 'open';
CREATE INDEX sittings_assignment ON sittings (assignment_id);
CREATE INDEX sittings_hash ON sittings (assessment_hash);

CREATE TABLE slots (
  sitting_id TEXT NOT NULL REFERENCES sittings (id),
  n          INTEGER NOT NULL CHECK (n >= 0),
  section    INTEGER NOT NULL CHECK (section >= 0),
  weight     REAL NOT NULL CHECK (weight BETWEEN 0 AND 1),
  item_id    TEXT NOT NULL,
  item_hash  TEXT NOT NULL REFERENCES definitions (hash),
  answer     TEXT CHECK (answer IS NULL OR json_valid(answer)),
  rev        INTEGER NOT NULL CHECK (rev >= 0),
  saved_at   INTEGER,
  seconds    REAL NOT NULL CHECK (seconds >= 0),
  flagged    INTEGER NOT NULL CHECK (flagged IN (0, 1)),
  score      REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
  critical   TEXT NOT NULL DEFAULT '', -- ids, one a line
  PRIMARY KEY (sitting_id, n)
) STRICT;
CREATE INDEX slots_hash ON slots (item_hash);

CREATE TABLE evidence (
  id           TEXT NOT NULL CHECK (id <> ''),
  person_id    TEXT NOT NULL REFERENCES people (id),
  sub          TEXT NOT NULL CHECK (sub <> ''),
  item_id      TEXT NOT NULL CHECK (item_id <> ''),
  item_version INTEGER NOT NULL,
  item_hash    TEXT NOT NULL,
  sitting_id   TEXT REFERENCES sittings (id),
  cycle_id     TEXT REFERENCES cycles (id),
  y            REAL NOT NULL CHECK (y BETWEEN 0 AND 100),
  n            REAL NOT NULL CHECK (n > 0),
  source       TEXT NOT NULL CHECK (source IN ('quiz', 'rater', 'kpi', 'observation')),
  performance  INTEGER NOT NULL CHECK (performance IN (0, 1)),
  observed_at  INTEGER NOT NULL,
  scenario     TEXT NOT NULL DEFAULT '',
  channel      TEXT NOT NULL DEFAULT '',
  void         INTEGER NOT NULL DEFAULT 0 CHECK (void IN (0, 1)),
  PRIMARY KEY (person_id, observed_at, id) -- one person's records lie together, which is how they are read
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX evidence_id ON evidence (id);
CREATE INDEX evidence_sitting ON evidence (sitting_id);

-- Profiles frozen when their cycle closed, as JSON. A rescoring adds a revision.
CREATE TABLE snapshots (
  cycle_id  TEXT NOT NULL REFERENCES cycles (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  revision  INTEGER NOT NULL CHECK (revision > 0),
  body      TEXT NOT NULL CHECK (json_valid(body)),
  PRIMARY KEY (cycle_id, person_id, revision)
) STRICT;
CREATE INDEX snapshots_person ON snapshots (person_id);

-- The hash is SHA-256 over the hash before and the row, so that no row can be changed, removed from the middle or slipped in unseen.
CREATE TABLE audit (
  seq        INTEGER NOT NULL PRIMARY KEY CHECK (seq > 0),
  at         INTEGER NOT NULL,
  actor      TEXT NOT NULL,
  action     TEXT NOT NULL CHECK (action <> ''),
  object     TEXT NOT NULL,
  object_id  TEXT NOT NULL,
  detail     TEXT NOT NULL CHECK (detail = '' OR json_valid(detail)),
  request_id TEXT NOT NULL,
  hash       BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_object ON audit (object_id, action, at);

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'frozen: audit'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'frozen: audit'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER snapshots_no_update BEFORE UPDATE ON snapshots BEGIN SELECT RAISE(ABORT, 'frozen: snapshots'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER snapshots_no_delete BEFORE DELETE ON snapshots BEGIN SELECT RAISE(ABORT, 'frozen: snapshots'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER definitions_no_update BEFORE UPDATE ON definitions BEGIN SELECT RAISE(ABORT, 'frozen: definitions'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence BEGIN SELECT RAISE(ABORT, 'frozen: evidence'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER evidence_no_update BEFORE UPDATE OF id, person_id, sub, item_id, item_version, item_hash, sitting_id, cycle_id, y, n, source, performance, observed_at, scenario, channel ON evidence
BEGIN SELECT RAISE(ABORT, 'frozen: evidence'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER sittings_final BEFORE UPDATE OF state ON sittings WHEN OLD.state = 'submitted' AND NEW.state <> 'submitted'
BEGIN SELECT RAISE(ABORT, 'frozen: sittings'); END;
-- +goose StatementEnd
