package main

import (
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/bson"
)

// Transactions, one at a time. Before a statement of one changes anything, what was there is written into a file; an abort, a client
// that went away and a server that was killed put it back. Others wait: writers for the end, readers for a moment. mongod does this with
// snapshots and lets others go on; what stays the same is that all of it happens or nothing.
type locks struct {
	turn chan struct{} // whoever holds it may change something
	mu   sync.Mutex
	open *transaction
	file string
	// Clients that wait to read, or to begin a transaction. Each of them holds a connection of its pool, and whoever is in a transaction needs
	// one for its next statement: beyond a few, a conflict is told at once, as mongod does to all, and a reader does not wait.
	waiting atomic.Int32
}

const mayWait, atOnce = 3, 30 * time.Millisecond

type transaction struct {
	id    string
	seen  time.Time
	inner sync.Mutex
	over  bool
	undo  []bson.D
}

func newLocks(file string) *locks {
	l := &locks{turn: make(chan struct{}, 1), file: file}
	l.turn <- struct{}{}
	return l
}

const conflict, transient = 112, "TransientTransactionError"

// wait for one's turn. A transaction that nobody has spoken of for too long is undone meanwhile, as mongod does
// (transactionLifetimeLimitSeconds): a driver that gave up may have had no connection left to say so.
func (l *locks) wait(patience time.Duration, back net.Conn) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		select {
		case <-l.turn:
			return true
		case <-time.After(min(200*time.Millisecond, time.Until(end))):
		}
		l.mu.Lock()
		t := l.open
		stale := t != nil && time.Since(t.seen) > lifetime
		l.mu.Unlock()
		if stale {
			l.abandon(t, back)
		}
	}
	return false
}

func (l *locks) queue(patience time.Duration, back net.Conn) bool {
	defer l.waiting.Add(-1)
	if l.waiting.Add(1) > mayWait {
		patience = atOnce
	}
	return l.wait(patience, back)
}

const lifetime = 3 * time.Second

func (l *locks) saw(t *transaction) {
	l.mu.Lock()
	t.seen = time.Now()
	l.mu.Unlock()
}

func nameOf(command bson.D) string {
	return fmt.Sprintf("%v %v", get(command, "lsid"), get(command, "txnNumber"))
}

var changes = map[string]bool{"insert": true, "update": true, "delete": true, "findAndModify": true, "create": true, "createIndexes": true, "drop": true,
	"dropIndexes": true, "collMod": true, "dropDatabase": true, "renameCollection": true, "applyOps": true}

var inside = map[string]bool{"find": true, "aggregate": true, "count": true, "distinct": true, "getMore": true, "insert": true, "update": true, "delete": true, "findAndModify": true}

// within runs a command in its transaction, or between transactions.
func (l *locks) within(k *client, name string, command bson.D, run func(bson.D) bson.D) bson.D {
	autocommit, given := get(command, "autocommit").(bool)
	if !given || autocommit {
		switch {
		case changes[name]:
			if !l.wait(30*time.Second, k.back) {
				return failure(conflict, "WriteConflict", "a transaction is open for too long")
			}
			defer func() { l.turn <- struct{}{} }()
		case inside[name]:
			if l.queue(2*time.Second, k.back) {
				l.turn <- struct{}{}
			}
		}
		return run(command)
	}
	if name == "commitTransaction" || name == "abortTransaction" {
		return run(command)
	}
	if k.replSet == "" || !inside[name] {
		return failure(263, "OperationNotSupportedInTransaction", "Cannot run '"+name+"' in a multi-document transaction.")
	}
	id := nameOf(command)
	var t *transaction
	if truth(command, "startTransaction") {
		if !l.queue(10*time.Second, k.back) {
			return failure(conflict, "WriteConflict", "another transaction is open", transient)
		}
		t = &transaction{id: id, seen: time.Now()}
		l.mu.Lock()
		l.open = t
		l.mu.Unlock()
	} else {
		t = l.find(id)
	}
	if t == nil {
		return failure(251, "NoSuchTransaction", "Transaction "+id+" has been aborted.", transient)
	}
	t.inner.Lock()
	defer t.inner.Unlock()
	if t.over {
		return failure(251, "NoSuchTransaction", "Transaction "+id+" has been aborted.", transient)
	}
	k.last = t
	l.saw(t)
	defer l.saw(t)
	before, err := l.remember(k, t, name, command)
	if err != nil {
		l.end(t, k.back, true)
		return failure(conflict, "WriteConflict", err.Error(), transient)
	}
	reply := run(command)
	if err := l.rememberNew(t, before, reply); err != nil || !truth(reply, "ok") || len(list(reply, "writeErrors")) > 0 {
		// As in mongod: a statement that fails ends the transaction.
		l.end(t, k.back, true)
	}
	return reply
}

func (l *locks) find(id string) *transaction {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open != nil && l.open.id == id {
		return l.open
	}
	return nil
}

// end closes a transaction; its lock is held by the caller.
func (l *locks) end(t *transaction, back net.Conn, backOut bool) {
	if t.over {
		return
	}
	if backOut {
		if err := undo(back, t.undo); err != nil {
			die(1, "a transaction cannot be undone: "+err.Error())
		}
	}
	t.over = true
	_ = os.Remove(l.file)
	l.mu.Lock()
	l.open = nil
	l.mu.Unlock()
	l.turn <- struct{}{}
}

func (l *locks) abandon(t *transaction, back net.Conn) {
	t.inner.Lock()
	defer t.inner.Unlock()
	l.end(t, back, true)
}

func (l *locks) recover(back net.Conn) error {
	bytes, err := os.ReadFile(l.file)
	if err != nil {
		return nil
	}
	var how []bson.D
	for len(bytes) > 0 {
		raw, rest, err := document(bytes)
		if err != nil {
			break // it was cut off while this was written, so what it is about was not done
		}
		var one bson.D
		if err := bson.Unmarshal(raw, &one); err != nil {
			return err
		}
		how = append(how, one)
		bytes = rest
	}
	if err := undo(back, how); err != nil {
		return err
	}
	return os.Remove(l.file)
}

func (k *client) commit(command bson.D) bson.D {
	t := k.locks.find(nameOf(command))
	if t == nil {
		if k.last != nil && k.last.id == nameOf(command) && k.last.over {
			return failure(251, "NoSuchTransaction", "Transaction has been aborted.", transient)
		}
		return failure(251, "NoSuchTransaction", "there is no such transaction", transient)
	}
	t.inner.Lock()
	defer t.inner.Unlock()
	k.locks.end(t, k.back, false)
	return okay
}

func (k *client) abort(command bson.D) bson.D {
	if t := k.locks.find(nameOf(command)); t != nil {
		k.locks.abandon(t, k.back)
	}
	return okay
}
