package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/xdg-go/scram"
	"go.mongodb.org/mongo-driver/bson"
)

// server is what all connections share.
type server struct {
	options
	socket string
	locks  *locks
	mu     sync.Mutex
	state  state
}

// state is what mongod keeps and the server behind does not: it is written down whenever it changes.
type state struct {
	Set     json.RawMessage                       `json:"set,omitempty"`     // the configuration of the replica set
	Indexes map[string]map[string]json.RawMessage `json:"indexes,omitempty"` // by namespace and name, as they were asked for
	Options map[string]json.RawMessage            `json:"options,omitempty"` // of collections: validators
}

func newServer(o options, socket string) *server {
	s := &server{options: o, socket: socket, state: state{Indexes: map[string]map[string]json.RawMessage{}, Options: map[string]json.RawMessage{}}}
	if bytes, err := os.ReadFile(s.stateFile()); err == nil {
		if err := json.Unmarshal(bytes, &s.state); err != nil {
			die(1, "the state of this stand-in cannot be read: "+err.Error())
		}
	}
	s.locks = newLocks(filepath.Join(o.dbPath, "undo"))
	c, err := net.Dial("unix", socket)
	if err != nil {
		die(1, err.Error())
	}
	defer c.Close()
	if err := s.locks.recover(c); err != nil {
		die(1, "a transaction that was cut off cannot be undone: "+err.Error())
	}
	// mongorestore wants to know the form of the users that it brings back.
	k := &client{server: s, back: c}
	if len(k.rowsOf("system.version", bson.D{{Key: "_id", Value: "authSchema"}})) > 0 {
		return s
	}
	if kept := k.store("system.version", "authSchema", bson.D{{Key: "_id", Value: "authSchema"}, {Key: "currentVersion", Value: int32(5)}}); !truth(kept, "ok") {
		die(1, "the server behind keeps nothing: "+text(kept, "errmsg"))
	}
	return s
}

func (s *server) stateFile() string { return filepath.Join(s.dbPath, "stand-in.json") }

// change alters the state and writes it down.
func (s *server) change(how func(*state)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how(&s.state)
	bytes, _ := json.Marshal(s.state)
	next := s.stateFile() + ".new"
	if os.WriteFile(next, bytes, 0o600) == nil {
		_ = os.Rename(next, s.stateFile())
	}
}

func toJSON(d bson.D) json.RawMessage {
	raw, err := bson.MarshalExtJSON(d, true, false)
	if err != nil {
		return nil
	}
	return raw
}

func fromJSON(raw json.RawMessage) bson.D {
	var d bson.D
	_ = bson.UnmarshalExtJSON(raw, true, &d)
	return d
}

func (s *server) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			back, err := net.Dial("unix", s.socket)
			if err != nil {
				return
			}
			defer back.Close()
			k := &client{server: s, conn: c, back: back}
			defer k.leave()
			for {
				m, err := readMessage(c)
				if err != nil {
					return
				}
				reply := k.answer(m)
				if m.quiet {
					continue
				}
				if writeReply(c, m, reply) != nil {
					return
				}
			}
		}()
	}
}

// client is one connection, and its own one to the server behind.
type client struct {
	*server
	conn, back net.Conn
	user       *account
	talk       *scram.ServerConversation
	talker     *account
	skipEmpty  bool
	last       *transaction // the transaction that it spoke of last
}

// here: does it come from this very container?
func (k *client) here() bool {
	host, _, err := net.SplitHostPort(k.conn.RemoteAddr().String())
	return err == nil && net.ParseIP(host).IsLoopback()
}

// leave: a client that went away takes its open transaction along.
func (k *client) leave() {
	if k.last != nil {
		k.locks.abandon(k.last, k.back)
	}
}

type handler func(*client, bson.D) bson.D

var handlers map[string]handler

func init() {
	ok := func(*client, bson.D) bson.D { return okay }
	handlers = map[string]handler{
		"hello": (*client).hello, "isMaster": (*client).hello, "ismaster": (*client).hello,
		"saslStart": (*client).saslStart, "saslContinue": (*client).saslContinue, "logout": (*client).logout,
		"ping": ok, "endSessions": ok, "refreshSessions": ok, "killSessions": ok, "killAllSessions": ok, "setParameter": ok,
		"connectionStatus": (*client).connectionStatus,
		"createUser":       (*client).writeUser, "updateUser": (*client).writeUser, "dropUser": (*client).dropUser, "usersInfo": (*client).usersInfo,
		"createRole": (*client).writeRole, "updateRole": (*client).writeRole, "rolesInfo": (*client).rolesInfo,
		"replSetInitiate": (*client).initiate, "replSetReconfig": (*client).reconfigure,
		"replSetGetStatus": (*client).setStatus, "replSetGetConfig": (*client).setConfig,
		"commitTransaction": (*client).commit, "abortTransaction": (*client).abort,
		"createIndexes": (*client).createIndexes, "listIndexes": (*client).listIndexes, "create": (*client).create, "collMod": (*client).collMod,
		"listCollections": (*client).listCollections, "drop": (*client).drop, "insert": (*client).insert,
		"applyOps": (*client).applyOps, "_mergeAuthzCollections": (*client).mergeAuthz, "getParameter": (*client).getParameter,
		"appendOplogNote": ok,
	}
}

// alone: what speaks of a session and of concerns, which the server behind does not know.
func alone(command bson.D) bson.D {
	return without(command, "lsid", "txnNumber", "startTransaction", "autocommit", "readConcern", "writeConcern", "$clusterTime",
		"$readPreference", "apiVersion", "comment", "maxTimeMS", "allowDiskUse")
}

// forward asks the server behind.
func (k *client) forward(command bson.D) bson.D {
	reply, err := ask(k.back, alone(command))
	if err != nil {
		k.conn.Close()
		return failure(6, "HostUnreachable", "the server behind: "+err.Error())
	}
	return reply
}

func (k *client) answer(m *message) bson.D {
	if len(m.command) == 0 {
		return failure(9, "FailedToParse", "an empty command")
	}
	name := m.command[0].Key
	if refused := k.permit(name, m.command); refused != nil {
		return refused
	}
	// Before it is initiated a member of a set takes no writes and answers no reads.
	if k.replSet != "" && k.setIs() == nil && isData[name] && text(m.command, "$db") != "local" {
		return failure(13436, "NotPrimaryOrSecondary", "node is not in primary or recovering state")
	}
	return k.locks.within(k, name, m.command, func(command bson.D) bson.D {
		if h := handlers[name]; h != nil {
			return h(k, command)
		}
		return k.forward(plain(k, name, command))
	})
}

var isData = map[string]bool{
	"find": true, "count": true, "distinct": true, "aggregate": true, "getMore": true, "insert": true, "update": true, "delete": true, "findAndModify": true,
	"create": true, "createIndexes": true, "drop": true, "dropIndexes": true, "collMod": true, "dropDatabase": true, "renameCollection": true,
	"createUser": true, "updateUser": true, "dropUser": true, "createRole": true, "updateRole": true,
}

func (k *client) getParameter(command bson.D) bson.D {
	return bson.D{{Key: "authSchemaVersion", Value: int32(5)}, {Key: "featureCompatibilityVersion", Value: bson.D{{Key: "version", Value: "8.0"}}}, {Key: "ok", Value: 1.0}}
}

func namespace(command bson.D) string {
	return fmt.Sprintf("%s.%v", text(command, "$db"), command[0].Value)
}
