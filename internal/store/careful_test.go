package store

import (
	"context"
	"testing"
	"time"

	"gorm.io/gorm"
)

// Every connection, of the writer and of the readers, believes no schema; one to a file that may come from elsewhere looks at the cells of each page that it reads as well.
func TestCareful(t *testing.T) {
	st, err := Open(t.Context(), Config{Path: t.TempDir() + "/x.db", Now: time.Now, Rand: noRand{}})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	look := func(where string, db *gorm.DB) {
		for pragma, want := range map[string]int{"trusted_schema": 0, "foreign_keys": 1, "synchronous": 2} {
			var got int
			if err := db.Raw("PRAGMA " + pragma).Scan(&got).Error; err != nil || got != want {
				t.Errorf("%s: %s is %d, %v", where, pragma, got, err)
			}
		}
	}
	look("reader", st.reader(context.Background()))
	if err := st.tx(t.Context(), "test", func(tx *gorm.DB) error { look("writer", tx); return nil }); err != nil {
		t.Fatal(err)
	}
	file, err := openFile(st.path, besideOthers)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for pragma, want := range map[string]int{"trusted_schema": 0, "cell_size_check": 1} {
		var got int
		if err := file.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("elsewhere: %s is %d, %v", pragma, got, err)
		}
	}
}
