-- When the clock of an item that has one of its own was started.

-- +goose Up
ALTER TABLE slots ADD COLUMN opened_at INTEGER;
