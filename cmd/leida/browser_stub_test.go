package main

import (
	"context"
	"testing"
)

func testPrint(t *testing.T, browser context.Context)      {}
func testReadmeShot(t *testing.T, browser context.Context) {}
