-- The twin of the sqlite migration of the same number.

-- +goose Up
ALTER TABLE slots ADD COLUMN opened_at BIGINT;
