package main

import (
	"context"
	"testing"
)

func testWithoutScripts(t *testing.T, browser context.Context) {}
func testNetwork(t *testing.T, browser context.Context)        {}
func testSweep(t *testing.T, browser context.Context)          {}
func testPrint(t *testing.T, browser context.Context)          {}
func testReadmeShot(t *testing.T, browser context.Context)     {}
