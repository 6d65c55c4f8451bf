-- The twin of the sqlite migration of the same number: same tables, columns, indexes and names. Times are whole milliseconds since 1970 in UTC.
-- Text is compared byte by byte, as sqlite does.

-- +goose Up
CREATE TABLE people (
  id            TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
  number        TEXT COLLATE "C" NOT NULL,
  number_canon  TEXT COLLATE "C" NOT NULL CHECK (number_canon <> ''),
  name          TEXT COLLATE "C" NOT NULL,
  name_canon    TEXT COLLATE "C" NOT NULL CHECK (name_canon <> ''),
  email         TEXT COLLATE "C" NOT NULL DEFAULT '',
  job_profile   TEXT COLLATE "C" NOT NULL DEFAULT '',
  active_from   BIGINT,
  active_to     BIGINT,
  password_hash TEXT COLLATE "C",
  CHECK (active_to IS NULL OR active_from IS NULL OR active_to > active_from)
);
CREATE UNIQUE INDEX people_number ON people (number_canon);
CREATE INDEX people_name ON people (name_canon);

CREATE TABLE teams (
  id         TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
  parent_id  TEXT COLLATE "C" REFERENCES teams (id),
  code       TEXT COLLATE "C" NOT NULL,
  code_canon TEXT COLLATE "C" NOT NULL CHECK (code_canon <> ''),
  name       TEXT COLLATE "C" NOT NULL,
  name_canon TEXT COLLATE "C" NOT NULL CHECK (name_canon <> ''),
  CHECK (parent_id <> id)
);
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
  person_id TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  access    TEXT COLLATE "C" NOT NULL CHECK (access IN ('agent', 'trainer', 'manager', 'admin')),
  team_id   TEXT COLLATE "C" REFERENCES teams (id),
  CHECK ((access = 'manager') = (team_id IS NOT NULL))
);
CREATE UNIQUE INDEX grants_once ON grants (person_id, access, coalesce(team_id, ''));
CREATE INDEX grants_team ON grants (team_id);

-- Half-open [since, until). One team at a time.
CREATE TABLE memberships (
  person_id TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  team_id   TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
  since     BIGINT NOT NULL,
  until     BIGINT,
  CHECK (until IS NULL OR until > since)
);
CREATE UNIQUE INDEX memberships_current ON memberships (person_id) WHERE until IS NULL;
CREATE UNIQUE INDEX memberships_since ON memberships (person_id, since);
CREATE INDEX memberships_team ON memberships (team_id, person_id);

CREATE TABLE sessions (
  id         TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
  person_id  TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  token_hash BYTEA NOT NULL CHECK (length(token_hash) = 32),
  user_agent TEXT COLLATE "C" NOT NULL DEFAULT '',
  started_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  idle       BIGINT NOT NULL CHECK (idle > 0),
  expires_at BIGINT NOT NULL CHECK (expires_at > started_at)
);
CREATE UNIQUE INDEX sessions_token ON sessions (token_hash);
CREATE INDEX sessions_person ON sessions (person_id);

CREATE TABLE cycles (
  id        TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
  name_zh   TEXT COLLATE "C" NOT NULL,
  name_en   TEXT COLLATE "C" NOT NULL DEFAULT '',
  starts_at BIGINT NOT NULL,
  ends_at   BIGINT NOT NULL,
  closed_at BIGINT,
  CHECK (ends_at > starts_at)
);
CREATE INDEX cycles_start ON cycles (starts_at);

-- Definitions as they were written, pinned by the hash of their content. Never changed.
CREATE TABLE definitions (
  hash       TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (hash <> ''),
  definition TEXT COLLATE "C" NOT NULL,
  version    BIGINT NOT NULL CHECK (version > 0),
  schema     TEXT COLLATE "C" NOT NULL,
  source     BYTEA NOT NULL
);

CREATE TABLE assignments (
  id          TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
  assessment  TEXT COLLATE "C" NOT NULL CHECK (assessment <> ''),
  assigned_by TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  opens       BIGINT NOT NULL,
  closes      BIGINT NOT NULL,
  cycle_id    TEXT COLLATE "C" REFERENCES cycles (id),
  created_at  BIGINT NOT NULL,
  CHECK (closes > opens)
);
CREATE INDEX assignments_created ON assignments (created_at);
CREATE INDEX assignments_by ON assignments (assigned_by);

CREATE TABLE assignment_teams (
  assignment_id TEXT COLLATE "C" NOT NULL REFERENCES assignments (id),
  team_id       TEXT COLLATE "C" NOT NULL REFERENCES teams (id),
  PRIMARY KEY (assignment_id, team_id)
);
CREATE INDEX assignment_teams_team ON assignment_teams (team_id);

CREATE TABLE assignment_people (
  assignment_id TEXT COLLATE "C" NOT NULL REFERENCES assignments (id),
  person_id     TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  PRIMARY KEY (assignment_id, person_id)
);
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
  assignment_id TEXT COLLATE "C" NOT NULL REFERENCES assignments (id),
  person_id     TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  factor        DOUBLE PRECISION NOT NULL CHECK (factor BETWEEN 1 AND 3),
  PRIMARY KEY (assignment_id, person_id)
);

CREATE TABLE sittings (
  id              TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
  person_id       TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  assignment_id   TEXT COLLATE "C" NOT NULL REFERENCES assignments (id),
  assessment      TEXT COLLATE "C" NOT NULL,
  assessment_hash TEXT COLLATE "C" NOT NULL REFERENCES definitions (hash),
  title_zh        TEXT COLLATE "C" NOT NULL,
  title_en        TEXT COLLATE "C" NOT NULL DEFAULT '',
  cycle_id        TEXT COLLATE "C" REFERENCES cycles (id),
  seed            BIGINT NOT NULL, -- the bits of an unsigned number
  time_factor     DOUBLE PRECISION NOT NULL CHECK (time_factor BETWEEN 1 AND 3),
  state           TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'submitted')),
  started_at      BIGINT NOT NULL,
  deadline        BIGINT,
  submitted_at    BIGINT,
  auto            BOOLEAN NOT NULL,
  blank           BOOLEAN NOT NULL,
  counts          BOOLEAN NOT NULL,
  holder          TEXT COLLATE "C" NOT NULL,
  seen_at         BIGINT NOT NULL,
  score           DOUBLE PRECISION NOT NULL CHECK (score BETWEEN 0 AND 100),
  CHECK ((state = 'submitted') = (submitted_at IS NOT NULL))
);
CREATE UNIQUE INDEX sittings_once ON sittings (person_id, assignment_id);
CREATE UNIQUE INDEX sittings_open ON sittings (person_id, assessment) WHERE state = 'open';
CREATE INDEX sittings_due ON sittings (deadline) WHERE state = 'open';
CREATE INDEX sittings_assignment ON sittings (assignment_id);
CREATE INDEX sittings_hash ON sittings (assessment_hash);

CREATE TABLE slots (
  sitting_id TEXT COLLATE "C" NOT NULL REFERENCES sittings (id),
  n          BIGINT NOT NULL CHECK (n >= 0),
  section    BIGINT NOT NULL CHECK (section >= 0),
  weight     DOUBLE PRECISION NOT NULL CHECK (weight BETWEEN 0 AND 1),
  item_id    TEXT COLLATE "C" NOT NULL,
  item_hash  TEXT COLLATE "C" NOT NULL REFERENCES definitions (hash),
  answer     TEXT COLLATE "C" CHECK (answer IS NULL OR answer::json IS NOT NULL),
  rev        BIGINT NOT NULL CHECK (rev >= 0),
  saved_at   BIGINT,
  seconds    DOUBLE PRECISION NOT NULL CHECK (seconds >= 0),
  flagged    BOOLEAN NOT NULL,
  score      DOUBLE PRECISION NOT NULL CHECK (score BETWEEN 0 AND 1),
  critical   TEXT COLLATE "C" NOT NULL DEFAULT '', -- ids, one a line
  PRIMARY KEY (sitting_id, n)
) WITH (fillfactor = 80); -- room for the next version of a row beside it
CREATE INDEX slots_hash ON slots (item_hash);

CREATE TABLE evidence (
  id           TEXT COLLATE "C" NOT NULL CHECK (id <> ''),
  person_id    TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  sub          TEXT COLLATE "C" NOT NULL CHECK (sub <> ''),
  item_id      TEXT COLLATE "C" NOT NULL CHECK (item_id <> ''),
  item_version BIGINT NOT NULL,
  item_hash    TEXT COLLATE "C" NOT NULL,
  sitting_id   TEXT COLLATE "C" REFERENCES sittings (id),
  cycle_id     TEXT COLLATE "C" REFERENCES cycles (id),
  y            DOUBLE PRECISION NOT NULL CHECK (y BETWEEN 0 AND 100),
  n            DOUBLE PRECISION NOT NULL CHECK (n > 0),
  source       TEXT COLLATE "C" NOT NULL CHECK (source IN ('quiz', 'rater', 'kpi', 'observation')),
  performance  BOOLEAN NOT NULL,
  observed_at  BIGINT NOT NULL,
  scenario     TEXT COLLATE "C" NOT NULL DEFAULT '',
  channel      TEXT COLLATE "C" NOT NULL DEFAULT '',
  void         BOOLEAN NOT NULL DEFAULT false,
  PRIMARY KEY (person_id, observed_at, id) -- one person's records lie together, which is how they are read
);
CREATE UNIQUE INDEX evidence_id ON evidence (id);
CREATE INDEX evidence_sitting ON evidence (sitting_id);

-- Profiles frozen when their cycle closed, as JSON. A rescoring adds a revision.
CREATE TABLE snapshots (
  cycle_id  TEXT COLLATE "C" NOT NULL REFERENCES cycles (id),
  person_id TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  revision  BIGINT NOT NULL CHECK (revision > 0),
  body      TEXT COLLATE "C" NOT NULL CHECK (body::json IS NOT NULL),
  PRIMARY KEY (cycle_id, person_id, revision)
);
CREATE INDEX snapshots_person ON snapshots (person_id);

-- The hash is SHA-256 over the hash before and the row, so that no row can be changed, removed from the middle or slipped in unseen.
CREATE TABLE audit (
  seq        BIGINT NOT NULL PRIMARY KEY CHECK (seq > 0),
  at         BIGINT NOT NULL,
  actor      TEXT COLLATE "C" NOT NULL,
  action     TEXT COLLATE "C" NOT NULL CHECK (action <> ''),
  object     TEXT COLLATE "C" NOT NULL,
  object_id  TEXT COLLATE "C" NOT NULL,
  detail     TEXT COLLATE "C" NOT NULL CHECK (detail = '' OR detail::json IS NOT NULL),
  request_id TEXT COLLATE "C" NOT NULL,
  hash       BYTEA NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX audit_object ON audit (object_id, action, at);

-- A frozen row is refused with a state of our own, which the store tells people apart by.
-- +goose StatementBegin
CREATE FUNCTION frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'frozen: %', TG_TABLE_NAME USING ERRCODE = 'LD001';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER snapshots_no_update BEFORE UPDATE ON snapshots FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER snapshots_no_delete BEFORE DELETE ON snapshots FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER definitions_no_update BEFORE UPDATE ON definitions FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER evidence_no_delete BEFORE DELETE ON evidence FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER evidence_no_update BEFORE UPDATE OF id, person_id, sub, item_id, item_version, item_hash, sitting_id, cycle_id, y, n, source, performance, observed_at, scenario, channel ON evidence FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER sittings_final BEFORE UPDATE OF state ON sittings FOR EACH ROW WHEN (OLD.state = 'submitted' AND NEW.state <> 'submitted') EXECUTE FUNCTION frozen();
