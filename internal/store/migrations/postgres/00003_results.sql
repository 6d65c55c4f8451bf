-- The twin of the sqlite migration of the same number.

-- +goose Up
-- What an item version says to people, as JSON, by the SHA-256 of it. Results refer to it.
CREATE TABLE item_texts (
  hash TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(hash) = 64),
  body TEXT COLLATE "C" NOT NULL CHECK (body::json IS NOT NULL)
);

-- A corrected key carried through past sittings: planned, looked at, applied, perhaps taken back.
CREATE TABLE rescorings (
  id         TEXT COLLATE "C" NOT NULL PRIMARY KEY CHECK (id <> ''),
  item_id    TEXT COLLATE "C" NOT NULL CHECK (item_id <> ''),
  rule       TEXT COLLATE "C" NOT NULL CHECK (rule IN ('current', 'current-or-previous', 'full-credit')),
  reason     TEXT COLLATE "C" NOT NULL CHECK (reason <> ''),
  newest     TEXT COLLATE "C" NOT NULL REFERENCES definitions (hash), -- the item version that it marks by
  version    BIGINT NOT NULL CHECK (version > 0),                     -- its number
  state      TEXT COLLATE "C" NOT NULL CHECK (state IN ('planning', 'planned', 'applying', 'applied', 'cancelled', 'undoing', 'undone', 'dropped', 'failed')),
  made_by    TEXT COLLATE "C" NOT NULL,
  made_at    BIGINT NOT NULL,
  started_at BIGINT, -- of applying or undoing, whichever was last
  ended_at   BIGINT,
  total      BIGINT NOT NULL DEFAULT 0 CHECK (total >= 0), -- sittings to go through in this state
  done       BIGINT NOT NULL DEFAULT 0 CHECK (done >= 0),
  counts     TEXT COLLATE "C" NOT NULL DEFAULT '{}' CHECK (counts::json IS NOT NULL), -- of the plan
  digest     TEXT COLLATE "C" NOT NULL DEFAULT ''                                     -- of what the plan rests on, in hex
);
CREATE INDEX rescorings_item ON rescorings (item_id, made_at);
CREATE UNIQUE INDEX rescorings_one ON rescorings (item_id) WHERE state IN ('planning', 'planned', 'applying', 'undoing');

-- One sitting in the plan, before and after. Sittings that nothing changes for have no line.
CREATE TABLE rescoring_lines (
  rescoring_id TEXT COLLATE "C" NOT NULL REFERENCES rescorings (id),
  sitting_id   TEXT COLLATE "C" NOT NULL REFERENCES sittings (id),
  person_id    TEXT COLLATE "C" NOT NULL REFERENCES people (id),
  place        BIGINT NOT NULL CHECK (place >= 0),
  revision     BIGINT NOT NULL CHECK (revision > 0), -- of the result that the plan looked at
  left_as_was  TEXT COLLATE "C" NOT NULL DEFAULT '', -- why nothing is done
  falls        BOOLEAN NOT NULL,
  was          DOUBLE PRECISION NOT NULL CHECK (was BETWEEN 0 AND 100), -- score of the sitting
  becomes      DOUBLE PRECISION NOT NULL CHECK (becomes BETWEEN 0 AND 100),
  place_was    DOUBLE PRECISION NOT NULL CHECK (place_was BETWEEN 0 AND 1),
  place_becomes DOUBLE PRECISION NOT NULL CHECK (place_becomes BETWEEN 0 AND 1),
  effects      TEXT COLLATE "C" NOT NULL CHECK (effects::json IS NOT NULL), -- evidence, levels, pass, critical errors; before and after
  written      BIGINT, -- the revision that applying wrote
  unwritten    BIGINT, -- the revision that taking it back wrote
  PRIMARY KEY (rescoring_id, sitting_id)
);

-- The body is canonical JSON (exam.Result), deflated; the hash is SHA-256 of the JSON.
CREATE TABLE results (
  sitting_id   TEXT COLLATE "C" NOT NULL REFERENCES sittings (id),
  revision     BIGINT NOT NULL CHECK (revision > 0),
  at           BIGINT NOT NULL,
  reason       TEXT COLLATE "C" NOT NULL DEFAULT '',
  rescoring_id TEXT COLLATE "C" REFERENCES rescorings (id),
  score        DOUBLE PRECISION NOT NULL CHECK (score BETWEEN 0 AND 100),
  body         BYTEA NOT NULL,
  hash         BYTEA NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (sitting_id, revision),
  CHECK ((revision = 1) = (rescoring_id IS NULL))
);
CREATE INDEX results_rescoring ON results (rescoring_id) WHERE rescoring_id IS NOT NULL;

CREATE TRIGGER results_no_update BEFORE UPDATE ON results FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER results_no_delete BEFORE DELETE ON results FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER item_texts_no_update BEFORE UPDATE ON item_texts FOR EACH ROW EXECUTE FUNCTION frozen();
CREATE TRIGGER item_texts_no_delete BEFORE DELETE ON item_texts FOR EACH ROW EXECUTE FUNCTION frozen();

-- The score of a submitted sitting is that of its newest result, whoever writes it.
-- +goose StatementBegin
CREATE FUNCTION sittings_score() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM results r WHERE r.sitting_id = OLD.id AND r.score = NEW.score AND r.revision = (SELECT max(x.revision) FROM results x WHERE x.sitting_id = OLD.id)) THEN
    RAISE EXCEPTION 'frozen: sittings' USING ERRCODE = 'LD001';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sittings_score BEFORE UPDATE OF score ON sittings FOR EACH ROW WHEN (OLD.state = 'submitted' AND NEW.score <> OLD.score) EXECUTE FUNCTION sittings_score();
