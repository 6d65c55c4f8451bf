-- The twin of the sqlite migration of the same number.

-- +goose Up
ALTER TABLE sittings DROP COLUMN seen_at;
