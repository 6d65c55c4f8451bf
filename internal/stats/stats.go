// Package stats is the measurement science: pure functions over numbers that know nothing of people, items or pages. An undefined result is absent (ok is false), never 0 and never NaN.
package stats
