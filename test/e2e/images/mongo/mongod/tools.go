//go:build tools

package main

// Built beside this program, at the versions of go.mod.
import (
	_ "github.com/mongodb/mongo-tools/mongodump/main"
	_ "github.com/mongodb/mongo-tools/mongorestore/main"
)
