package web

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"leida/internal/assessment"
	"leida/internal/fault"
	"leida/internal/item"
	"leida/internal/store"
	"leida/internal/text"
)

// Definitions are what is in force, and what was ever sat. A sound change replaces the library for new sittings; an unsound one only leaves its report.
type Definitions struct {
	current atomic.Pointer[assessment.Library]
	report  atomic.Pointer[assessment.Report]
	store   *store.Store
	pinned  sync.Map // content hash -> *item.Item, of versions no longer in force
}

// NewDefinitions puts a library in force.
func NewDefinitions(st *store.Store, lib *assessment.Library, report assessment.Report) *Definitions {
	d := &Definitions{store: st}
	d.current.Store(lib)
	d.report.Store(&report)
	return d
}

// Current is the library in force.
func (d *Definitions) Current() *assessment.Library { return d.current.Load() }

// Report is what the newest reading of the files found, sound or not.
func (d *Definitions) Report() assessment.Report { return *d.report.Load() }

// Offer takes a new reading. A nil library is unsound: the old one stays in force.
func (d *Definitions) Offer(lib *assessment.Library, report assessment.Report) {
	if lib != nil {
		d.current.Store(lib)
	}
	d.report.Store(&report)
}

// bank finds item versions by content hash, in force or kept.
type bank struct {
	ctx context.Context
	d   *Definitions
}

// Bank is the definitions as exam wants them.
func (d *Definitions) Bank(ctx context.Context) bank { return bank{ctx, d} }

// ItemAt finds the version, from the library or from the history in the database.
func (b bank) ItemAt(hash string) (*item.Item, bool) {
	it, err := b.d.ItemAt(b.ctx, hash)
	return it, err == nil
}

// SubName is the name of a sub-competency by the model in force.
func (b bank) SubName(id string) text.Text { return b.d.Current().SubName(id) }

// ItemAt is the item version with a content hash.
func (d *Definitions) ItemAt(ctx context.Context, hash string) (*item.Item, error) {
	if it, ok := d.Current().ItemAt(hash); ok {
		return it, nil
	}
	if it, ok := d.pinned.Load(hash); ok {
		return it.(*item.Item), nil
	}
	src, err := d.store.Source(ctx, hash)
	if err != nil {
		return nil, err
	}
	it, report := assessment.ParseItem(src.ID, src.Text, d.Current().Model)
	if it == nil {
		return nil, fmt.Errorf("pinned version %s of %s: %w", hash, src.ID, fault.New(fault.Internal, "web.internal").Because(fmt.Errorf("%d findings", len(report))))
	}
	d.pinned.Store(hash, it)
	return it, nil
}

// AssessmentAt is the assessment version with a content hash.
func (d *Definitions) AssessmentAt(ctx context.Context, hash string) (*assessment.Assessment, error) {
	for _, a := range d.Current().Assessments {
		if a.Hash == hash {
			return a, nil
		}
	}
	src, err := d.store.Source(ctx, hash)
	if err != nil {
		return nil, err
	}
	a, report := assessment.ParseAssessment(src.ID, src.Text, d.Current().Model)
	if a == nil {
		return nil, fmt.Errorf("pinned version %s of %s: %w", hash, src.ID, fault.New(fault.Internal, "web.internal").Because(fmt.Errorf("%d findings", len(report))))
	}
	return a, nil
}
