-- When a sitting was last heard of follows from its places.

-- +goose Up
ALTER TABLE sittings DROP COLUMN seen_at;
