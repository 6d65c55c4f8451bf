package main

import (
	"fmt"
	"os"

	"leida/internal/org"
	"leida/internal/web"
)

// signInFlags say what signing in asks of people.
type signInFlags struct {
	RequireSecondFactor []string `enum:"agent,trainer,manager,admin" env:"LEIDA_REQUIRE_SECOND_FACTOR" placeholder:"ROLE" help:"Access roles that must set up a second factor before anything else, such as trainer,manager,admin (default: none; a centre should)."`
	BreachedPasswords   string   `type:"existingfile" env:"LEIDA_BREACHED_PASSWORDS" placeholder:"FILE" help:"Passwords that nobody may choose: SHA-1 in hexadecimal, one a line, sorted."`
}

// apply puts the flags into a server's configuration. The file of breached passwords stays open, for it is searched where it lies; done closes it.
func (f signInFlags) apply(c *web.Config) (done func() error, err error) {
	for _, role := range f.RequireSecondFactor {
		c.SecondFactor = append(c.SecondFactor, org.Access(role))
	}
	if f.BreachedPasswords == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Open(f.BreachedPasswords)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil {
		c.Breached, err = web.OpenBreached(file, info.Size())
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", f.BreachedPasswords, err)
	}
	return file.Close, nil
}
