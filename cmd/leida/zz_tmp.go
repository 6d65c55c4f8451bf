package main
type serveCmd struct{}
type demoCmd struct{}
type migrateCmd struct{}
type userCmd struct{}
type rosterCmd struct{}
func (serveCmd) Run(w *world) error {return nil}
func (demoCmd) Run(w *world) error {return nil}
func (migrateCmd) Run(w *world) error {return nil}
func (userCmd) Run(w *world) error {return nil}
func (rosterCmd) Run(w *world) error {return nil}
