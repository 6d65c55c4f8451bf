package store

import (
	"context"
	"log/slog"
	"time"

	"gorm.io/gorm/logger"
)

// quiet is gorm's logger: statements at debug, and never their values, which are people's.
type quiet struct{ log *slog.Logger }

func (q quiet) LogMode(logger.LogLevel) logger.Interface { return q }

func (q quiet) Info(ctx context.Context, msg string, _ ...any)  { q.log.DebugContext(ctx, msg) }
func (q quiet) Warn(ctx context.Context, msg string, _ ...any)  { q.log.DebugContext(ctx, msg) }
func (q quiet) Error(ctx context.Context, msg string, _ ...any) { q.log.DebugContext(ctx, msg) }

func (q quiet) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	if !q.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	sql, rows := statement()
	q.log.DebugContext(ctx, "sql", "statement", sql, "rows", rows, "began", begin, "err", err)
}

// ParamsFilter leaves the placeholders in what is logged.
func (q quiet) ParamsFilter(_ context.Context, sql string, _ ...any) (string, []any) { return sql, nil }
