package main

import (
	"fmt"
	"net"
	"os"

	"go.mongodb.org/mongo-driver/bson"
)

// note writes down how something is undone, before it is done.
func (l *locks) note(t *transaction, how bson.D) error {
	t.undo = append(t.undo, how)
	raw, err := bson.Marshal(how)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(l.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(raw)
	return err
}

func (l *locks) remember(k *client, t *transaction, name string, command bson.D) (bson.D, error) {
	where := bson.D{{Key: "db", Value: text(command, "$db")}, {Key: "in", Value: fmt.Sprint(command[0].Value)}}
	var filters []any
	switch name {
	case "insert":
		ids := bson.A{}
		for _, one := range list(command, "documents") {
			d, _ := one.(bson.D)
			ids = append(ids, get(d, "_id"))
		}
		// Those that are there already are not made by this.
		return where, l.note(t, append(where, bson.E{Key: "made", Value: l.absent(k, where, ids)}))
	case "update":
		for _, one := range list(command, "updates") {
			d, _ := one.(bson.D)
			filters = append(filters, get(d, "q"))
		}
	case "delete":
		for _, one := range list(command, "deletes") {
			d, _ := one.(bson.D)
			filters = append(filters, get(d, "q"))
		}
	case "findAndModify":
		filters = append(filters, get(command, "query"))
	}
	for _, filter := range filters {
		if filter == nil {
			filter = bson.D{}
		}
		reply, err := ask(k.back, bson.D{{Key: "find", Value: text(where, "in")}, {Key: "filter", Value: filter}, {Key: "batchSize", Value: int32(10000)}, {Key: "$db", Value: text(where, "db")}})
		if err != nil {
			return nil, err
		}
		for _, was := range list(doc(reply, "cursor"), "firstBatch") {
			if err := l.note(t, append(where, bson.E{Key: "was", Value: was})); err != nil {
				return nil, err
			}
		}
	}
	return where, nil
}

func (l *locks) absent(k *client, where bson.D, ids bson.A) bson.A {
	there := map[string]bool{}
	// One by one: the server behind knows its way to an _id, and to nothing else.
	for _, id := range ids {
		reply, _ := ask(k.back, bson.D{{Key: "find", Value: text(where, "in")}, {Key: "filter", Value: bson.D{{Key: "_id", Value: id}}},
			{Key: "projection", Value: bson.D{{Key: "_id", Value: int32(1)}}}, {Key: "$db", Value: text(where, "db")}})
		for _, one := range list(doc(reply, "cursor"), "firstBatch") {
			d, _ := one.(bson.D)
			there[fmt.Sprint(get(d, "_id"))] = true
		}
	}
	out := bson.A{}
	for _, id := range ids {
		if !there[fmt.Sprint(id)] {
			out = append(out, id)
		}
	}
	return out
}

// rememberNew: an upsert tells only afterwards what it made.
func (l *locks) rememberNew(t *transaction, where, reply bson.D) error {
	made := bson.A{}
	for _, one := range list(reply, "upserted") {
		d, _ := one.(bson.D)
		made = append(made, get(d, "_id"))
	}
	if id := get(doc(reply, "lastErrorObject"), "upserted"); id != nil {
		made = append(made, id)
	}
	if len(made) == 0 {
		return nil
	}
	return l.note(t, append(where, bson.E{Key: "made", Value: made}))
}

// undo puts back what was, the last change first.
func undo(back net.Conn, how []bson.D) error {
	for i := len(how) - 1; i >= 0; i-- {
		one := how[i]
		command := bson.D{{Key: "delete", Value: text(one, "in")}, {Key: "deletes", Value: bson.A{bson.D{
			{Key: "q", Value: bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: list(one, "made")}}}}}, {Key: "limit", Value: int32(0)}}}}}
		if was := doc(one, "was"); was != nil {
			command = bson.D{{Key: "update", Value: text(one, "in")}, {Key: "updates", Value: bson.A{bson.D{
				{Key: "q", Value: bson.D{{Key: "_id", Value: get(was, "_id")}}}, {Key: "u", Value: was}, {Key: "upsert", Value: true}}}}}
		}
		reply, err := ask(back, append(command, bson.E{Key: "$db", Value: text(one, "db")}))
		if err != nil {
			return err
		}
		if !truth(reply, "ok") || len(list(reply, "writeErrors")) > 0 {
			return fmt.Errorf("%v", reply)
		}
	}
	return nil
}
