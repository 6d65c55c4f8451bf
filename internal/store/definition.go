package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"leida/internal/assessment"
)

type definitionRow struct {
	Hash       string
	Definition string
	Version    int
	Schema     string
	Source     []byte
}

func (definitionRow) TableName() string { return "definitions" }

// SaveSources keeps definitions as they were written. One that is there already stays as it is.
func (s *Store) SaveSources(ctx context.Context, sources []assessment.Source) error {
	return s.tx(ctx, "save sources", func(tx *gorm.DB) error { return saveSources(tx, sources) })
}

func saveSources(tx *gorm.DB, sources []assessment.Source) error {
	hashes := make([]string, len(sources))
	for i, src := range sources {
		hashes[i] = src.Hash
	}
	var have []string
	if err := tx.Model(&definitionRow{}).Where("hash IN ?", hashes).Pluck("hash", &have).Error; err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, h := range have {
		seen[h] = true
	}
	var rows []definitionRow
	for _, src := range sources {
		if !seen[src.Hash] {
			seen[src.Hash] = true
			rows = append(rows, definitionRow{src.Hash, src.ID, src.Version, src.Schema, src.Text})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b definitionRow) int { return strings.Compare(a.Hash, b.Hash) }) // two starts take the same rows in the same order
	return tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, batchRows).Error
}

// Source is a kept definition by the hash of its content.
func (s *Store) Source(ctx context.Context, hash string) (assessment.Source, error) {
	var r definitionRow
	err := s.reader(ctx).Where("hash = ?", hash).Take(&r).Error
	return assessment.Source{Hash: r.Hash, ID: r.Definition, Version: r.Version, Schema: r.Schema, Text: r.Source}, translate("source", err)
}

// Known are the definitions that somebody has sat: these versions must never change again.
func (s *Store) Known(ctx context.Context) (assessment.Known, error) {
	var rows []definitionRow
	err := s.reader(ctx).Select("hash", "definition", "version").
		Where("EXISTS (SELECT 1 FROM sittings WHERE assessment_hash = definitions.hash) OR EXISTS (SELECT 1 FROM slots WHERE item_hash = definitions.hash)").
		Find(&rows).Error
	known := assessment.Known{}
	for _, r := range rows {
		known[fmt.Sprintf("%s v%d", r.Definition, r.Version)] = r.Hash
	}
	return known, translate("known definitions", err)
}
