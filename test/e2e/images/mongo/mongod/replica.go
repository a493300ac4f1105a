package main

import (
	"encoding/json"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// setIs: the configuration of the replica set, or nothing before it was initiated.
func (s *server) setIs() bson.D {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.state.Set) == 0 {
		return nil
	}
	return fromJSON(s.state.Set)
}

// me: the first member. This stand-in is one member alone, and always the primary.
func me(set bson.D) string {
	for _, member := range list(set, "members") {
		if m, ok := member.(bson.D); ok {
			return text(m, "host")
		}
	}
	return ""
}

func (k *client) hello(command bson.D) bson.D {
	d := bson.D{}
	primary := "isWritablePrimary"
	if command[0].Key != "hello" {
		primary = "ismaster"
		d = append(d, bson.E{Key: "helloOk", Value: true})
	}
	set := k.setIs()
	switch {
	case k.replSet == "":
		d = append(d, bson.E{Key: primary, Value: true})
	case set == nil:
		d = append(d, bson.E{Key: primary, Value: false}, bson.E{Key: "secondary", Value: false}, bson.E{Key: "isreplicaset", Value: true},
			bson.E{Key: "info", Value: "Does not have a valid replica set config"})
	default:
		hosts := bson.A{me(set)}
		d = append(d, bson.E{Key: primary, Value: true}, bson.E{Key: "secondary", Value: false}, bson.E{Key: "setName", Value: text(set, "_id")},
			bson.E{Key: "setVersion", Value: get(set, "version")}, bson.E{Key: "hosts", Value: hosts}, bson.E{Key: "primary", Value: me(set)},
			bson.E{Key: "me", Value: me(set)}, bson.E{Key: "electionId", Value: primitive.ObjectID{0x7f, 0xff, 0xff, 0xff, 11: 1}})
	}
	now := primitive.Timestamp{T: uint32(time.Now().Unix()), I: 1}
	d = append(d, bson.E{Key: "maxBsonObjectSize", Value: int32(16 << 20)}, bson.E{Key: "maxMessageSizeBytes", Value: int32(maxBytes)},
		bson.E{Key: "maxWriteBatchSize", Value: int32(100000)}, bson.E{Key: "localTime", Value: primitive.NewDateTimeFromTime(time.Now())},
		bson.E{Key: "logicalSessionTimeoutMinutes", Value: int32(30)}, bson.E{Key: "minWireVersion", Value: int32(0)},
		bson.E{Key: "maxWireVersion", Value: int32(21)}, bson.E{Key: "readOnly", Value: false}, bson.E{Key: "operationTime", Value: now})
	if name := text(command, "saslSupportedMechs"); name != "" && k.accountOf(name) != nil {
		d = append(d, bson.E{Key: "saslSupportedMechs", Value: bson.A{"SCRAM-SHA-256"}})
	}
	return append(d, bson.E{Key: "ok", Value: 1.0})
}

func (k *client) initiate(command bson.D) bson.D {
	if k.replSet == "" {
		return failure(76, "NoReplicationEnabled", "This node was not started with replication enabled.")
	}
	if k.setIs() != nil {
		return failure(23, "AlreadyInitialized", "already initialized")
	}
	config := doc(command, "replSetInitiate")
	if text(config, "_id") != k.replSet {
		return failure(93, "InvalidReplicaSetConfig", "Attempting to initiate a replica set with name "+text(config, "_id")+", but command line reports "+k.replSet+"; rejecting")
	}
	if me(config) == "" {
		return failure(93, "InvalidReplicaSetConfig", "a set needs members")
	}
	k.keepSet(put(put(config, "version", int32(1)), "term", int64(1)))
	// The log of changes, of which mongodump --oplog takes the end along.
	k.forward(bson.D{{Key: "create", Value: "oplog.rs"}, {Key: "capped", Value: true}, {Key: "size", Value: int64(512 << 20)}, {Key: "$db", Value: "local"}})
	k.note("initiating set")
	return okay
}

// note writes a line without a change into the log of changes.
func (k *client) note(words string) {
	k.forward(bson.D{{Key: "insert", Value: "oplog.rs"}, {Key: "documents", Value: bson.A{bson.D{
		{Key: "_id", Value: primitive.NewObjectID()}, {Key: "ts", Value: primitive.Timestamp{T: uint32(time.Now().Unix()), I: 1}}, {Key: "t", Value: int64(1)},
		{Key: "op", Value: "n"}, {Key: "ns", Value: ""}, {Key: "o", Value: bson.D{{Key: "msg", Value: words}}}, {Key: "v", Value: int64(2)},
		{Key: "wall", Value: primitive.NewDateTimeFromTime(time.Now())},
	}}}, {Key: "$db", Value: "local"}})
}

func (k *client) keepSet(config bson.D) {
	raw := toJSON(config)
	k.change(func(s *state) { s.Set = json.RawMessage(raw) })
}

func (k *client) reconfigure(command bson.D) bson.D {
	if k.setIs() == nil {
		return failure(94, "NotYetInitialized", "Node not yet initialized; use the replSetInitiate command")
	}
	k.keepSet(doc(command, "replSetReconfig"))
	return okay
}

func (k *client) setConfig(bson.D) bson.D {
	set := k.setIs()
	if set == nil {
		return failure(94, "NotYetInitialized", "no replset config has been received")
	}
	return bson.D{{Key: "config", Value: set}, {Key: "ok", Value: 1.0}}
}

func (k *client) setStatus(bson.D) bson.D {
	set := k.setIs()
	if k.replSet == "" {
		return failure(76, "NoReplicationEnabled", "not running with --replSet")
	}
	if set == nil {
		return failure(94, "NotYetInitialized", "no replset config has been received")
	}
	return bson.D{{Key: "set", Value: text(set, "_id")}, {Key: "myState", Value: int32(1)}, {Key: "members", Value: bson.A{bson.D{
		{Key: "_id", Value: int32(0)}, {Key: "name", Value: me(set)}, {Key: "health", Value: 1.0}, {Key: "state", Value: int32(1)},
		{Key: "stateStr", Value: "PRIMARY"}, {Key: "self", Value: true}}}}, {Key: "ok", Value: 1.0}}
}
