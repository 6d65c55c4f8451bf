-- The twin of the sqlite migration of the same number.

-- +goose Up
ALTER TABLE snapshots ADD COLUMN rescoring_id TEXT COLLATE "C" REFERENCES rescorings (id) CHECK (rescoring_id IS NULL OR revision > 1);
ALTER TABLE snapshots ADD COLUMN undo BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX snapshots_rescoring ON snapshots (rescoring_id) WHERE rescoring_id IS NOT NULL;

-- A plan is written people by people.
CREATE INDEX rescoring_lines_person ON rescoring_lines (rescoring_id, person_id, sitting_id);

-- What a sitting showed by one of its items, without a look at all the others.
DROP INDEX evidence_sitting;
CREATE INDEX evidence_item ON evidence (sitting_id, item_id);
