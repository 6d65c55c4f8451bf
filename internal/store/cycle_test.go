package store

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"leida/internal/fault"
	"leida/internal/org"
	"leida/internal/profile"
	"leida/internal/text"
)

func TestCycles(t *testing.T) {
	w := empty(t)
	zone := time.FixedZone("CST", 8*3600)
	q3, q4 := org.Quarter(noon.AddDate(0, -3, 0), zone), org.Quarter(noon, zone)
	for _, q := range []org.Cycle{q3, q4, q4} {
		w.ok(w.EnsureCycle(w.ctx, q))
	}
	list, err := w.Cycles(w.ctx)
	w.ok(err)
	if d := cmp.Diff([]org.Cycle{q4, q3}, list, cmpopts.EquateApproxTime(0)); d != "" {
		t.Error(d)
	}
	w.fails(w.EnsureCycle(w.ctx, org.Cycle{ID: "x", Name: text.Text{ZH: "x"}, From: noon, To: noon.Add(time.Hour)}), fault.Conflict, "store.cycle_overlaps")
	w.fails(w.EnsureCycle(w.ctx, org.Cycle{ID: "x", From: noon.AddDate(1, 0, 0), To: noon.AddDate(1, 0, 0)}), fault.Invalid, "store.out_of_range")
	for at, want := range map[time.Time]string{noon: q4.ID, q4.From: q4.ID, q4.From.Add(-time.Millisecond): q3.ID, q4.To: "", q3.From.Add(-1): ""} {
		c, ok, err := w.CycleAt(w.ctx, at)
		if c.ID != want || ok != (want != "") || err != nil {
			t.Error(at, c, ok, err)
		}
	}
}

func TestCloseCycle(t *testing.T) {
	w := empty(t)
	ann, bob := w.person("1", "Ann"), w.person("2", "Bob")
	q3, q4 := org.Quarter(noon.AddDate(0, -3, 0), time.UTC), org.Quarter(noon, time.UTC)
	w.ok(w.EnsureCycle(w.ctx, q3))
	w.ok(w.EnsureCycle(w.ctx, q4))
	if _, ok, err := w.LastClosed(w.ctx, noon); ok || err != nil {
		t.Error("nothing is closed", err)
	}
	snap := profile.Snapshot{Cycle: q3.ID, Revision: 1, At: noon}
	w.fails(w.CloseCycle(w.ctx, q3.ID, noon, map[string]profile.Snapshot{ann.ID: snap, "nobody": snap}, Ground{}), fault.Invalid, "store.unknown_reference")
	w.ok(w.CloseCycle(w.ctx, q3.ID, noon, map[string]profile.Snapshot{ann.ID: snap}, Ground{}))
	w.fails(w.CloseCycle(w.ctx, q3.ID, noon, nil, Ground{Closed: 1}), fault.Conflict, "store.cycle_closed")
	w.missing(w.CloseCycle(w.ctx, "none", noon, nil, Ground{Closed: 1}))
	w.fails(w.CloseCycle(w.ctx, q4.ID, noon, nil, Ground{}), fault.Conflict, "store.cycle_moving") // q3 was closed since
	on, err := w.Ground(w.ctx)
	w.ok(err)
	w.ok(w.CloseCycle(w.ctx, q4.ID, noon, nil, on))
	for before, want := range map[time.Time]string{q3.From: "", q4.From: q3.ID, noon: q4.ID} {
		c, ok, err := w.LastClosed(w.ctx, before)
		if c.ID != want || ok != (want != "") || err != nil || ok && !c.Closed() {
			t.Error(before, c, err)
		}
	}
	got, err := w.Snapshots(w.ctx, q3.ID, []string{ann.ID, bob.ID})
	w.ok(err)
	if len(got) != 1 || got[ann.ID].Cycle != q3.ID {
		t.Error(got)
	}
	w.fails(w.exec("UPDATE snapshots SET body = '{}'"), fault.Conflict, "store.frozen")
	w.fails(w.exec("DELETE FROM snapshots"), fault.Conflict, "store.frozen")
	w.ok(w.exec(`INSERT INTO snapshots (cycle_id, person_id, revision, body) SELECT cycle_id, person_id, 2, replace(body, '"revision":1', '"revision":2') FROM snapshots`))
	if got, _ := w.Snapshots(w.ctx, q3.ID, []string{ann.ID}); got[ann.ID].Revision != 2 {
		t.Error("not the newest revision")
	}
}

// TestSnapshotKeepsEverything fills every field, so that one added to profile.Snapshot cannot be forgotten here.
func TestSnapshotKeepsEverything(t *testing.T) {
	w := empty(t)
	ann := w.person("1", "Ann")
	q := org.Quarter(noon, time.UTC)
	w.ok(w.EnsureCycle(w.ctx, q))
	var want profile.Snapshot
	n := 0
	fill(reflect.ValueOf(&want).Elem(), &n)
	w.ok(w.CloseCycle(w.ctx, q.ID, noon, map[string]profile.Snapshot{ann.ID: want}, Ground{}))
	got, err := w.Snapshots(w.ctx, q.ID, []string{ann.ID})
	w.ok(err)
	if d := cmp.Diff(want, got[ann.ID]); d != "" {
		t.Error(d)
	}
}

// fill gives every field a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(noon.Add(time.Duration(*n) * time.Second)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Array:
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(string(rune('a'+*n%26)) + `"引`)
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 1.0/3)
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic(v.Kind())
	}
}
