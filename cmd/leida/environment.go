package main

import (
	"crypto/rand"
	"strings"

	"github.com/alecthomas/kong"
)

// randomSource is the program's only source of randomness.
var randomSource = rand.Reader

// environment lets kong read LEIDA_* variables from the environment that main was handed, not from the process behind its back.
func environment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		for _, name := range flag.Envs {
			if v := getenv(name); v != "" {
				return v, nil
			}
		}
		return nil, nil
	})
}

// localeTag turns a POSIX locale such as en_GB.UTF-8 into a language tag; C and POSIX say nothing.
func localeTag(locale string) string {
	tag, _, _ := strings.Cut(locale, ".")
	if tag == "C" || tag == "POSIX" {
		return ""
	}
	return strings.ReplaceAll(tag, "_", "-")
}
