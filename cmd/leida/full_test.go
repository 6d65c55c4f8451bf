package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"leida/internal/client"
	"leida/internal/text"
)

// smallDisk is a directory on a file system of its own, of so many MiB. Where this cannot be had the test is skipped, but not where CI says that it must be.
func smallDisk(t *testing.T, mib string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+mib+"m,mode=700", "leida-test", dir).CombinedOutput(); err != nil {
		const none = "no right to mount a small file system: tests of a full disk not run"
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s: %v %s", none, err, out)
		}
		t.Skip(none)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return dir
}

// fill takes up what is left of a disk, to the last byte, and returns what gives it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	name := filepath.Join(dir, "something else")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 4096, 1} {
		block := make([]byte, size)
		for err = nil; err == nil; {
			_, err = f.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// A full disk: whoever saves is told so and asked to come back, reading goes on, also after a crash and a start, and with room again all goes on with nothing lost.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "64")
	c := people(t, ownFile(t, disk), 1, 12, 400)
	p := newProcess(t, "--data", disk)
	p.fine = "busy: store.full"
	p.start()
	c.meet(p.url(), nil)
	w := fileWitness(t, disk)
	workFor := func(d time.Duration) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), d)
		defer stop()
		c.work(ctx)
		c.verdict()
	}
	workFor(300 * time.Millisecond)
	w.look(c)

	for _, again := range []string{"running", "killed", "stopped"} {
		t.Log(again)
		free := fill(t, disk)
		told := refusedAsFull(t, c)
		for saves, end := int64(-1), time.Now().Add(time.Minute); saves != c.saves.Load(); { // the log is used again until the file would have to grow
			if time.Now().After(end) {
				t.Fatal("with a full disk saves are taken without end")
			}
			saves = c.saves.Load()
			workFor(300 * time.Millisecond)
		}
		w.look(c)
		reads(t, told)
		noBackup(t, disk)
		switch again {
		case "killed":
			p.kill()
			p.start()
			reads(t, told)
			refusedAsFull(t, c)
		case "stopped":
			p.stop()
			free = fill(t, disk) // also of what the end of the log gave back
			p.start()
			reads(t, told)
			refusedAsFull(t, c)
		}
		w.look(c)
		free()
		c.settle()
		c.verdict()
		saves := c.saves.Load()
		workFor(300 * time.Millisecond)
		if c.saves.Load() == saves {
			t.Error("with room again nothing is taken")
		}
		w.look(c)
	}
	c.settle()
	w.lookBack(c)

	t.Logf("%d saves and %d submissions acknowledged, %d lost; %d refused", c.saves.Load(), c.hands.Load(), w.lost, c.busy.Load())

	p.stop()
	free := fill(t, disk) // not even the index of the log has room
	p.launch()
	if err := <-p.done; err == nil || !strings.Contains(p.log.String(), text.Say(text.ZH, "store.full", nil)) {
		t.Errorf("without any room the start ends with %v:\n%s", err, p.log.String())
	}
	free()
	p.start()
	w.lookBack(c)
}

// The log fills a disk before it is long enough to be carried over into the file: with a little room again for the file, what the log takes is used anew, and work goes on for long.
func TestLogFillsDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "12")
	c := people(t, ownFile(t, disk), 1, 12, 1)
	little := filepath.Join(disk, "something else")
	ok(t, os.WriteFile(little, make([]byte, 1<<20), 0o600))
	p := newProcess(t, "--data", disk)
	p.fine = "busy: store.full"
	p.start()
	c.meet(p.url(), nil)
	w := fileWitness(t, disk)
	refusedAsFull(t, c)
	w.look(c)
	ok(t, os.Remove(little))
	const many = 1500 // changed answers write some 2 KB each, all at once
	saves := c.saves.Load()
	for end := time.Now().Add(time.Minute); c.saves.Load() < saves+many && time.Now().Before(end); {
		ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
		c.work(ctx)
		stop()
		c.verdict()
	}
	if n := c.saves.Load() - saves; n < many {
		t.Errorf("after %d saves the log has no room any more", n)
	}
	w.look(c)
	t.Logf("%d saves acknowledged, %d lost; %d refused", c.saves.Load(), w.lost, c.busy.Load())
}

// refusedAsFull has people save until one of them is told that the disk is full, and is that one.
func refusedAsFull(t *testing.T, c *crowd) *agent {
	t.Helper()
	for range 100_000 {
		for _, a := range c.agents {
			err := a.step()
			var e *client.Error
			switch {
			case err == nil:
				continue
			case !errors.As(err, &e) || e.Status != http.StatusServiceUnavailable:
				t.Fatalf("with a full disk: %v", err)
			case e.RetryAfter == 0:
				t.Fatalf("nothing says when to come back: %v", err)
			case e.Code == "full" && e.Message == text.Say(text.ZH, "store.full", nil) && a.waiting() >= 0:
				return a
			case e.Code != "full" && e.Code != "" || e.Code == "busy":
				t.Fatalf("with a full disk: %v", err)
			}
		}
	}
	t.Fatal("nobody was told that the disk is full")
	return nil
}

// noBackup makes a backup for which there is no room: it says so, and leaves nothing behind.
func noBackup(t *testing.T, disk string) {
	t.Helper()
	there := func() []string {
		list, err := filepath.Glob(filepath.Join(disk, "backups", "*"))
		ok(t, err)
		return list
	}
	before := there()
	r := invoke("", "--lang", "zh", "backup", "create", "--data", disk)
	if r.code != exitFailure || !strings.Contains(r.err, text.Say(text.ZH, "store.full", nil)) {
		t.Errorf("a backup without room: %+v", r)
	}
	if after := there(); !slices.Equal(before, after) {
		t.Errorf("a backup without room leaves %q, was %q", after, before)
	}
}

// reads asks for pages that need nothing written.
func reads(t *testing.T, a *agent) {
	t.Helper()
	it, err := a.web.Item(t.Context(), client.Place{Sitting: a.sitting, N: 1})
	if err != nil || it.Kept == nil {
		t.Fatalf("a page cannot be read: %v", err)
	}
	if _, err := a.web.Open(t.Context()); err != nil {
		t.Fatalf("the home page cannot be read: %v", err)
	}
}
