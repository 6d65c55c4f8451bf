package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leida/internal/store"
)

// careFlags say how the server looks after its data by itself.
type careFlags struct {
	folderFlags
	BackupEvery time.Duration `default:"24h" env:"LEIDA_BACKUP_EVERY" help:"How often to back up, in the small hours if daily or rarer; 0 for never."`
	BackupKeep  int           `default:"7" env:"LEIDA_BACKUP_KEEP" help:"How many of the server's own backups to keep."`
}

const (
	careEvery  = time.Minute
	quietHour  = 3         // of the centre's day
	retryAfter = time.Hour // a backup that failed
	warnEvery  = time.Hour // of a disk that is low
)

// carer makes backups when they are due and keeps an eye on the disk. Whatever fails is logged and counted, and never stops the server.
type carer struct {
	careFlags
	st   *store.Store
	zone *time.Location
	now  func() time.Time
	log  *slog.Logger

	last   time.Time // of the newest good backup
	failed time.Time // of the newest one that failed
	warned time.Time

	success  prometheus.Gauge
	failures prometheus.Counter
	free     prometheus.Gauge
}

// newCarer registers its metrics. A server on PostgreSQL makes no backups: PostgreSQL has tools of its own for it.
func (c *serveCmd) newCarer(w *world, st *store.Store, zone *time.Location, log *slog.Logger, registry prometheus.Registerer) *carer {
	k := &carer{
		careFlags: c.careFlags, st: st, zone: zone, now: w.now, log: log,
		success:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "leida_backup_last_success_timestamp_seconds", Help: "When the newest good backup was made, 0 for none yet."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "leida_backup_failures_total", Help: "Scheduled backups that failed."}),
		free:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "leida_disk_free_bytes", Help: "Room left on the disk of the database."}),
	}
	k.BackupDir = c.folder(c.databaseFlags)
	if st.File() == "" {
		k.BackupEvery = 0
		log.Info("no scheduled backups: PostgreSQL is backed up with pg_dump, or base backups and archived WAL")
		return k
	}
	registry.MustRegister(k.free)
	if k.BackupEvery <= 0 {
		log.Warn("no scheduled backups: --backup-every is 0")
		return k
	}
	registry.MustRegister(k.success, k.failures)
	newest, err := store.Newest(k.BackupDir, k.now())
	if err != nil {
		log.Error("backup", "folder", k.BackupDir, "error", err)
	}
	k.noteLast(newest)
	return k
}

// run looks once a minute until the context ends.
func (k *carer) run(ctx context.Context) {
	tick := time.NewTicker(careEvery)
	defer tick.Stop()
	for {
		k.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look does what is due now.
func (k *carer) look(ctx context.Context) {
	now := k.now()
	k.lookAtDisk(now)
	last, failed := notAfter(now, k.last), notAfter(now, k.failed)
	if k.BackupEvery <= 0 || now.Before(failed.Add(min(retryAfter, k.BackupEvery))) || now.Before(nextBackup(last, k.BackupEvery, k.zone)) {
		return
	}
	if err := k.backup(ctx, now); err != nil && ctx.Err() == nil {
		k.failed = now
		k.failures.Inc()
		k.log.Error("backup", "folder", k.BackupDir, "error", err)
	}
}

// notAfter is a time that has come; one that has not was told by a clock that has been set back, and is none.
func notAfter(now, at time.Time) time.Time {
	if at.After(now) {
		return time.Time{}
	}
	return at
}

func (k *carer) backup(ctx context.Context, now time.Time) error {
	file, m, err := k.st.BackupIn(ctx, k.BackupDir)
	if err != nil {
		return err
	}
	k.noteLast(now)
	k.log.Info("backup", "file", file, "rows", m.Rows(), "took", k.now().Sub(now).Round(time.Millisecond))
	if m.Audit.Broken > 0 {
		k.log.Error("the audit log has been tampered with", "row", m.Audit.Broken)
	}
	removed, err := store.Prune(k.BackupDir, k.BackupKeep, now)
	if len(removed) > 0 {
		k.log.Info("old backups removed", "files", removed)
	}
	return err
}

func (k *carer) noteLast(at time.Time) {
	k.last = at
	if !at.IsZero() {
		k.success.Set(float64(at.Unix()))
	}
}

func (k *carer) lookAtDisk(now time.Time) {
	d, err := k.st.Disk()
	if err != nil {
		k.log.Error("disk", "error", err)
		return
	}
	k.free.Set(float64(d.Free))
	if d.Low() && !now.Before(k.warned.Add(warnEvery)) {
		k.warned = now
		k.log.Warn("the disk is nearly full: saves will fail when it is", "free_mb", d.Free>>20, "total_mb", d.Total>>20)
	}
}

// nextBackup is when the one after last is due: at once where there is none; after every; and where that is a day or more, in the first quiet hour that comes about then, so that it
// does not wander through the day.
func nextBackup(last time.Time, every time.Duration, zone *time.Location) time.Time {
	switch {
	case last.IsZero():
		return last
	case every < 24*time.Hour:
		return last.Add(every)
	}
	about := last.Add(every - 12*time.Hour).In(zone)
	quiet := time.Date(about.Year(), about.Month(), about.Day(), quietHour, 0, 0, 0, zone)
	if quiet.Before(about) {
		quiet = time.Date(about.Year(), about.Month(), about.Day()+1, quietHour, 0, 0, 0, zone)
	}
	return quiet
}
