package store

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"leida/internal/exam"
	"leida/internal/org"
)

type resultRow struct {
	SittingID   string
	Revision    int
	At          moment
	Reason      string
	RescoringID reference
	Score       float64
	Body        []byte
	Hash        []byte
}

func (resultRow) TableName() string { return "results" }

type textsRow struct {
	Hash string
	Body string
}

func (textsRow) TableName() string { return "item_texts" }

var deflaters = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed) // the level is a sound one
	return w
}}

func deflate(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	w := deflaters.Get().(*flate.Writer)
	defer deflaters.Put(w)
	w.Reset(&b)
	if _, err := w.Write(raw); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// maxResult bounds what a stored body may unfold to: 200 items with long answers are far below it.
const maxResult = 16 << 20

var inflaters = sync.Pool{New: func() any { return &inflater{flate: flate.NewReader(nil)} }}

// inflater is a reader with its window, and room for what comes out of it, whose size nobody knows before.
type inflater struct {
	flate io.ReadCloser
	room  bytes.Buffer
}

func inflate(body []byte) ([]byte, error) {
	x := inflaters.Get().(*inflater)
	defer inflaters.Put(x)
	x.room.Reset()
	if err := x.flate.(flate.Resetter).Reset(bytes.NewReader(body), nil); err != nil {
		return nil, err
	}
	if _, err := x.room.ReadFrom(io.LimitReader(x.flate, maxResult)); err != nil {
		return nil, err
	}
	return bytes.Clone(x.room.Bytes()), nil
}

func rowOfResult(r *exam.Result) (resultRow, error) {
	raw, err := r.Encode()
	if err != nil {
		return resultRow{}, err
	}
	body, err := deflate(raw)
	sum := sha256.Sum256(raw)
	return resultRow{
		SittingID: r.Sitting, Revision: r.Revision, At: moment{fromMillis(r.At)}, Reason: r.Reason, RescoringID: reference(r.Rescoring),
		Score: unrounded(r.Score, 100), Body: body, Hash: sum[:],
	}, err
}

// result is the row's result. One that is not as it was written is never shown: it is an error of the house.
func (row resultRow) result() (*exam.Result, error) { return row.read(exam.ReadResult) }

// open is the row's result as far as marking an item anew needs it.
func (row resultRow) open(item string) (*exam.Result, error) {
	return row.read(func(raw []byte) (*exam.Result, error) { return exam.OpenResult(raw, item) })
}

func (row resultRow) read(how func(raw []byte) (*exam.Result, error)) (*exam.Result, error) {
	tampered := func(why any) error {
		return fmt.Errorf("the stored result of sitting %s, revision %d, is not as it was written: %v", row.SittingID, row.Revision, why)
	}
	raw, err := inflate(row.Body)
	if err != nil {
		return nil, tampered(err)
	}
	if sum := sha256.Sum256(raw); !bytes.Equal(sum[:], row.Hash) {
		return nil, tampered("its hash differs")
	}
	r, err := how(raw)
	if err != nil {
		return nil, tampered(err)
	}
	if r.Sitting != row.SittingID || r.Revision != row.Revision || unrounded(r.Score, 100) != row.Score || r.At != row.At.UnixMilli() || r.Reason != row.Reason || r.Rescoring != string(row.RescoringID) {
		return nil, tampered("its row says otherwise")
	}
	return r, nil
}

// addResult keeps a result with the texts that it refers to.
func addResult(tx *gorm.DB, r *exam.Result) error {
	if err := addTexts(tx, r.Fresh); err != nil {
		return err
	}
	row, err := rowOfResult(r)
	if err != nil {
		return err
	}
	return tx.Create(&row).Error
}

// addTexts keeps item texts. Those that are there already stay as they are.
func addTexts(tx *gorm.DB, fresh exam.Versions) error {
	if len(fresh) == 0 {
		return nil
	}
	var have []string
	if err := tx.Model(&textsRow{}).Where("hash IN ?", slices.Collect(maps.Keys(fresh))).Pluck("hash", &have).Error; err != nil {
		return err
	}
	var rows []textsRow
	for _, hash := range slices.Sorted(maps.Keys(fresh)) {
		if !slices.Contains(have, hash) {
			rows = append(rows, textsRow{hash, string(fresh[hash].JSON)})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, batchRows).Error
}

// KeptResult is a sitting's newest result with the texts that it refers to, and every revision up to it.
type KeptResult struct {
	*exam.Result
	Hash    string // SHA-256 of its canonical JSON, in hex
	Texts   map[string]exam.Texts
	History []Revision // oldest first
}

// Revision is one state of a sitting's result.
type Revision struct {
	N      int
	At     time.Time
	Reason string
	Score  float64
	Undo   bool // it takes back the rescoring whose reason it gives
}

// Result is the newest result of a sitting that the viewer may see: their own, or a present member's of a team they manage. Not found where none was kept yet.
func (s *Store) Result(ctx context.Context, v org.Viewer, sitting string) (*KeptResult, error) {
	db := s.reader(ctx)
	var n int64
	err := visible(db.Model(&sittingRow{}), v, "person_id", s.now()).Where("id = ? AND state = ?", sitting, exam.Submitted).Count(&n).Error
	if err == nil && n == 0 {
		err = errNotFound
	}
	if err != nil {
		return nil, translate("result", err)
	}
	var rows []resultRow
	if err := db.Select("sitting_id", "revision", "at", "reason", "rescoring_id", "score").Where("sitting_id = ?", sitting).Order("revision").Find(&rows).Error; err != nil {
		return nil, translate("result", err)
	}
	if len(rows) == 0 {
		return nil, errNotFound
	}
	out := &KeptResult{Texts: map[string]exam.Texts{}}
	for i, r := range rows {
		again := i > 1 && slices.ContainsFunc(rows[1:i], func(x resultRow) bool { return x.RescoringID == r.RescoringID })
		out.History = append(out.History, Revision{N: r.Revision, At: r.At.Time, Reason: r.Reason, Score: r.Score, Undo: again})
	}
	var newest resultRow
	if err := db.Where("sitting_id = ? AND revision = ?", sitting, rows[len(rows)-1].Revision).Take(&newest).Error; err != nil {
		return nil, translate("result", err)
	}
	if out.Result, err = newest.result(); err != nil {
		return nil, translate("result", err)
	}
	out.Hash = hex.EncodeToString(newest.Hash)
	var hashes []string
	for _, p := range out.Places {
		hashes = append(hashes, p.Texts)
	}
	var texts []textsRow
	if err := db.Where("hash IN ?", hashes).Find(&texts).Error; err != nil {
		return nil, translate("result", err)
	}
	for _, t := range texts {
		if out.Texts[t.Hash], err = exam.ReadTexts(t.Hash, []byte(t.Body)); err != nil {
			return nil, translate("result", err)
		}
	}
	for _, h := range hashes {
		if _, ok := out.Texts[h]; !ok {
			return nil, translate("result", fmt.Errorf("sitting %s: no texts %s", sitting, h))
		}
	}
	return out, nil
}

// WithoutResult is how many submitted sittings of an item have no stored result yet: those from before results were kept, until FreezeResults has met them.
func (s *Store) WithoutResult(ctx context.Context, item string) (int, error) {
	var n int64
	err := s.reader(ctx).Table("sittings").Where("state = ? AND NOT EXISTS (SELECT 1 FROM results WHERE results.sitting_id = sittings.id)", exam.Submitted).
		Where("EXISTS (SELECT 1 FROM slots WHERE slots.sitting_id = sittings.id AND slots.item_id = ?)", item).Count(&n).Error
	return int(n), translate("without result", err)
}

// FreezeResults keeps the first results of sittings that were submitted before results were kept, at most some in one go, in the order of ids from behind one. It reports how many, and the last
// id that it looked at, empty where there are no more. freeze makes each; what cannot be made is in the error, and holds up none of the others.
func (s *Store) FreezeResults(ctx context.Context, after string, limit int, freeze func(*exam.Sitting) (*exam.Result, error)) (n int, last string, err error) {
	var ids []string
	err = s.reader(ctx).Table("sittings").Where("id > ? AND state = ? AND NOT EXISTS (SELECT 1 FROM results WHERE results.sitting_id = sittings.id)", after, exam.Submitted).
		Order("id").Limit(limit).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return 0, "", translate("freeze results", err)
	}
	var made []*exam.Result
	var failed error
	for _, id := range ids {
		x, err := loadSitting(s.reader(ctx), func(db *gorm.DB) *gorm.DB { return db.Where("id = ?", id) })
		var r *exam.Result
		if err == nil {
			r, err = freeze(x)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("sitting %s: %w", id, err))
			continue
		}
		made = append(made, r)
	}
	err = s.tx(ctx, "freeze results", func(tx *gorm.DB) error {
		var have []string // another server may have been there
		if err := tx.Model(&resultRow{}).Where("sitting_id IN ?", ids).Distinct().Pluck("sitting_id", &have).Error; err != nil {
			return err
		}
		fresh, rows := exam.Versions{}, []resultRow{}
		for _, r := range made {
			if slices.Contains(have, r.Sitting) {
				continue
			}
			row, err := rowOfResult(r)
			if err != nil {
				return err
			}
			rows = append(rows, row)
			maps.Copy(fresh, r.Fresh)
		}
		if len(rows) == 0 {
			return nil
		}
		if err := addTexts(tx, fresh); err != nil {
			return err
		}
		return tx.CreateInBatches(&rows, batchRows).Error
	})
	return len(made), ids[len(ids)-1], errors.Join(err, failed)
}

// ResultHashes are the hashes of a sitting's results, in hex, from the first revision. No scope applies.
func (s *Store) ResultHashes(ctx context.Context, sitting string) ([]string, error) {
	var rows []resultRow
	err := s.reader(ctx).Select("hash").Where("sitting_id = ?", sitting).Order("revision").Find(&rows).Error
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = hex.EncodeToString(r.Hash)
	}
	return out, translate("result hashes", err)
}

// ResultBytes is what all stored results take, without the texts that they share.
func (s *Store) ResultBytes(ctx context.Context) (int64, error) {
	var n int64
	err := s.reader(ctx).Raw("SELECT coalesce(sum(length(body)), 0) FROM results").Scan(&n).Error
	return n, translate("result bytes", err)
}
