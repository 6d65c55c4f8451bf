package store

import "time"

// Failing is a store whose every call fails, for tests of the failure paths: its database is closed.
func Failing() *Store {
	s := newStore(Config{Now: time.Time{}.UTC, Rand: noRand{}})
	write, err := openPool("file::memory:", 1, s.log)
	if err != nil {
		panic(err)
	}
	s.read, s.engine, s.hot = write, newWriter(write), singly{write}
	if err := s.engine.close(); err != nil {
		panic(err)
	}
	return s
}

// noRand gives zeros: ids are made before a call fails, and must not be what fails.
type noRand struct{}

func (noRand) Read(b []byte) (int, error) { clear(b); return len(b), nil }
