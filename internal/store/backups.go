package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stampForm is a time in a file's name, in UTC.
const stampForm = "20060102T150405Z"

// BackupFolder is where backups go that nobody gave another place: a folder beside the database.
const BackupFolder = "backups"

// BackupFile is a backup in a folder.
type BackupFile struct {
	Name     string
	Size     int64     // bytes
	At       time.Time // by its name
	Manifest Manifest
	Err      error // why it is no backup, by the look of it
}

// BackupName is what a backup made now is called.
func BackupName(now time.Time) string { return "leida-" + now.UTC().Format(stampForm) + ".db" }

// backupTime is when a backup was made, by its name; ok is false for what is none of ours.
func backupTime(name string) (at time.Time, ok bool) {
	at, err := time.Parse("leida-"+stampForm+".db", name)
	return at, err == nil && BackupName(at) == name
}

// Backups are the backups of a folder, the oldest first: those made by name of their time and those before a migration. A folder that is not there has none.
func Backups(ctx context.Context, dir string) ([]BackupFile, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []BackupFile
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || filepath.Ext(e.Name()) != ".db" {
			continue
		}
		b := BackupFile{Name: e.Name(), Size: info.Size()}
		b.Manifest, b.Err = ReadManifest(ctx, filepath.Join(dir, e.Name()))
		b.At = b.Manifest.At
		if at, ours := backupTime(e.Name()); ours {
			b.At = at
		}
		out = append(out, b)
	}
	slices.SortFunc(out, func(a, b BackupFile) int { return a.At.Compare(b.At) })
	return out, err
}

// Newest is when the newest of a folder's scheduled backups was made, up to now; zero where there is none. One that is named in the future was made by a wrong clock and says nothing.
func Newest(dir string, now time.Time) (time.Time, error) {
	ours, err := scheduled(dir, now)
	if len(ours) == 0 {
		return time.Time{}, err
	}
	at, _ := backupTime(ours[len(ours)-1])
	return at, err
}

// scheduled are the names in a folder that are ours and of no later time than now, the oldest first: the names sort by time.
func scheduled(dir string, now time.Time) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var ours []string
	for _, e := range entries {
		if at, ok := backupTime(e.Name()); ok && e.Type().IsRegular() && !at.After(now) {
			ours = append(ours, e.Name())
		}
	}
	return ours, err
}

// Prune removes the oldest of a folder's scheduled backups beyond keep (at least one), and what others left that were cut short a day or more before the newest.
// Files of any other name are not ours, and those named after now neither go nor count until their time has come.
// Call it only after a backup that went well, so that the newest is a good one.
func Prune(dir string, keep int, now time.Time) (removed []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	ours, err := scheduled(dir, now)
	if err != nil {
		return nil, err
	}
	old := ours[:max(0, len(ours)-max(1, keep))]
	left, err := leftovers(dir, now)
	if err != nil {
		return nil, err
	}
	for _, name := range append(slices.Clone(old), left...) {
		if err := root.Remove(name); err != nil {
			return removed, err
		}
		removed = append(removed, name)
	}
	return removed, nil
}

// leftovers are the parts of scheduled backups that were cut short, of a day or more before the newest whole one: later ones may still be under way.
func leftovers(dir string, now time.Time) ([]string, error) {
	newest, err := Newest(dir, now)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	var left []string
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".db.")
		part := strings.HasSuffix(strings.TrimSuffix(e.Name(), "-journal"), partial)
		at, ours := backupTime(name + ".db")
		if part && ours && e.Type().IsRegular() && !at.After(newest.AddDate(0, 0, -1)) {
			left = append(left, e.Name())
		}
	}
	return left, err
}
