-- What sittings came to, as it was told, and how corrected keys were carried through them. See 00001 for the conventions.

-- +goose Up
-- What an item version says to people, as JSON, by the SHA-256 of it. Results refer to it.
CREATE TABLE item_texts (
  hash TEXT NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
  body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

-- A corrected key carried through past sittings: planned, looked at, applied, perhaps taken back.
CREATE TABLE rescorings (
  id         TEXT NOT NULL PRIMARY KEY CHECK (id <> ''),
  item_id    TEXT NOT NULL CHECK (item_id <> ''),
  rule       TEXT NOT NULL CHECK (rule IN ('current', 'current-or-previous', 'full-credit')),
  reason     TEXT NOT NULL CHECK (reason <> ''),
  newest     TEXT NOT NULL REFERENCES definitions (hash), -- the item version that it marks by
  version    INTEGER NOT NULL CHECK (version > 0),        -- its number
  state      TEXT NOT NULL CHECK (state IN ('planning', 'planned', 'applying', 'applied', 'cancelled', 'undoing', 'undone', 'dropped', 'failed')),
  made_by    TEXT NOT NULL,
  made_at    INTEGER NOT NULL,
  started_at INTEGER, -- of applying or undoing, whichever was last
  ended_at   INTEGER,
  total      INTEGER NOT NULL DEFAULT 0 CHECK (total >= 0), -- sittings to go through in this state
  done       INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
  counts     TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(counts)), -- of the plan
  digest     TEXT NOT NULL DEFAULT ''                               -- of what the plan rests on, in hex
) STRICT;
CREATE INDEX rescorings_item ON rescorings (item_id, made_at);
CREATE UNIQUE INDEX rescorings_one ON rescorings (item_id) WHERE state IN ('planning', 'planned', 'applying', 'undoing');

-- One sitting in the plan, before and after. Sittings that nothing changes for have no line.
CREATE TABLE rescoring_lines (
  rescoring_id TEXT NOT NULL REFERENCES rescorings (id),
  sitting_id   TEXT NOT NULL REFERENCES sittings (id),
  person_id    TEXT NOT NULL REFERENCES people (id),
  place        INTEGER NOT NULL CHECK (place >= 0),
  revision     INTEGER NOT NULL CHECK (revision > 0), -- of the result that the plan looked at
  left_as_was  TEXT NOT NULL DEFAULT '',              -- why nothing is done
  falls        INTEGER NOT NULL CHECK (falls IN (0, 1)),
  was          REAL NOT NULL CHECK (was BETWEEN 0 AND 100), -- score of the sitting
  becomes      REAL NOT NULL CHECK (becomes BETWEEN 0 AND 100),
  place_was    REAL NOT NULL CHECK (place_was BETWEEN 0 AND 1),
  place_becomes REAL NOT NULL CHECK (place_becomes BETWEEN 0 AND 1),
  effects      TEXT NOT NULL CHECK (json_valid(effects)), -- evidence, levels, pass, critical errors; before and after
  written      INTEGER, -- the revision that applying wrote
  unwritten    INTEGER, -- the revision that taking it back wrote
  PRIMARY KEY (rescoring_id, sitting_id)
) STRICT;

-- The body is canonical JSON (exam.Result), deflated; the hash is SHA-256 of the JSON.
CREATE TABLE results (
  sitting_id   TEXT NOT NULL REFERENCES sittings (id),
  revision     INTEGER NOT NULL CHECK (revision > 0),
  at           INTEGER NOT NULL,
  reason       TEXT NOT NULL DEFAULT '',
  rescoring_id TEXT REFERENCES rescorings (id),
  score        REAL NOT NULL CHECK (score BETWEEN 0 AND 100),
  body         BLOB NOT NULL,
  hash         BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (sitting_id, revision),
  CHECK ((revision = 1) = (rescoring_id IS NULL))
) STRICT;
CREATE INDEX results_rescoring ON results (rescoring_id) WHERE rescoring_id IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER results_no_update BEFORE UPDATE ON results BEGIN SELECT RAISE(ABORT, 'frozen: results'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER results_no_delete BEFORE DELETE ON results BEGIN SELECT RAISE(ABORT, 'frozen: results'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER item_texts_no_update BEFORE UPDATE ON item_texts BEGIN SELECT RAISE(ABORT, 'frozen: item_texts'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER item_texts_no_delete BEFORE DELETE ON item_texts BEGIN SELECT RAISE(ABORT, 'frozen: item_texts'); END;
-- +goose StatementEnd
-- The score of a submitted sitting is that of its newest result, whoever writes it.
-- +goose StatementBegin
CREATE TRIGGER sittings_score BEFORE UPDATE OF score ON sittings
WHEN OLD.state = 'submitted' AND NEW.score <> OLD.score
  AND NOT EXISTS (SELECT 1 FROM results r WHERE r.sitting_id = OLD.id AND r.score = NEW.score AND r.revision = (SELECT max(x.revision) FROM results x WHERE x.sitting_id = OLD.id))
BEGIN SELECT RAISE(ABORT, 'frozen: sittings'); END;
-- +goose StatementEnd
