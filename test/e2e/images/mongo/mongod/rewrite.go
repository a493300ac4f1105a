package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// Indexes and options that the server behind does not know are kept here, so that whoever lists or dumps them finds what was asked for.
// They have no effect: nothing expires, and of a validator only the names that a new document must have. Only unique and plain indexes are real.

// textFields: what a text index of the collection covers.
func (k *client) textFields(ns string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var fields []string
	for _, raw := range k.state.Indexes[ns] {
		spec := fromJSON(raw)
		for _, e := range doc(spec, "key") {
			if e.Value == "text" && e.Key != "_fts" {
				fields = append(fields, e.Key)
			}
		}
		if get(doc(spec, "key"), "_fts") != nil {
			for _, e := range doc(spec, "weights") {
				fields = append(fields, e.Key)
			}
		}
	}
	return fields
}

func isText(spec bson.D) bool {
	for _, e := range doc(spec, "key") {
		if e.Value == "text" {
			return true
		}
	}
	return false
}

func (k *client) createIndexes(command bson.D) bson.D {
	ns := namespace(command)
	specs := list(command, "indexes")
	var real bson.A
	for _, one := range specs {
		spec, _ := one.(bson.D)
		if !isText(spec) {
			plain := bson.D{{Key: "key", Value: doc(spec, "key")}, {Key: "name", Value: get(spec, "name")}}
			// Unique only among some is more than this server can say, so it is not unique at all.
			if truth(spec, "unique") && get(spec, "partialFilterExpression") == nil && !truth(spec, "sparse") {
				plain = append(plain, bson.E{Key: "unique", Value: true})
			}
			real = append(real, plain)
		}
	}
	if len(real) > 0 {
		if reply := k.forward(put(without(command, "commitQuorum", "indexes"), "indexes", real)); !truth(reply, "ok") {
			return reply
		}
	} else {
		k.forward(bson.D{{Key: "create", Value: command[0].Value}, {Key: "$db", Value: text(command, "$db")}})
	}
	k.change(func(s *state) {
		if s.Indexes[ns] == nil {
			s.Indexes[ns] = map[string]json.RawMessage{}
		}
		for _, one := range specs {
			spec, _ := one.(bson.D)
			s.Indexes[ns][text(spec, "name")] = toJSON(put(without(spec, "ns"), "v", int32(2)))
		}
	})
	return bson.D{{Key: "numIndexesBefore", Value: int32(1)}, {Key: "numIndexesAfter", Value: int32(1 + len(specs))}, {Key: "ok", Value: 1.0}}
}

func (k *client) listIndexes(command bson.D) bson.D {
	reply := k.forward(without(command, "cursor"))
	if !truth(reply, "ok") {
		return reply
	}
	ns := namespace(command)
	k.mu.Lock()
	defer k.mu.Unlock()
	batch := bson.A{}
	seen := map[string]bool{}
	for _, one := range list(doc(reply, "cursor"), "firstBatch") {
		index, _ := one.(bson.D)
		seen[text(index, "name")] = true
		if kept, ok := k.state.Indexes[ns][text(index, "name")]; ok {
			index = fromJSON(kept)
		}
		batch = append(batch, index)
	}
	for name, raw := range k.state.Indexes[ns] {
		if !seen[name] {
			batch = append(batch, fromJSON(raw))
		}
	}
	return put(reply, "cursor", put(doc(reply, "cursor"), "firstBatch", batch))
}

func (k *client) keepOptions(ns string, command bson.D) {
	kept := bson.D{}
	for _, key := range []string{"validator", "validationLevel", "validationAction"} {
		if value := get(command, key); value != nil {
			kept = append(kept, bson.E{Key: key, Value: value})
		}
	}
	if len(kept) > 0 {
		k.change(func(s *state) { s.Options[ns] = toJSON(kept) })
	}
}

func (k *client) create(command bson.D) bson.D {
	reply := k.forward(without(command, "validator", "validationLevel", "validationAction", "idIndex", "indexOptionDefaults"))
	if truth(reply, "ok") {
		k.keepOptions(namespace(command), command)
	}
	return reply
}

func (k *client) collMod(command bson.D) bson.D {
	k.keepOptions(namespace(command), command)
	return okay
}

// insert holds new documents against the one rule of a validator that this stand-in knows: $jsonSchema.required, of the top.
func (k *client) insert(command bson.D) bson.D {
	k.mu.Lock()
	kept, ok := k.state.Options[namespace(command)]
	k.mu.Unlock()
	if ok && !truth(command, "bypassDocumentValidation") {
		required := list(doc(doc(fromJSON(kept), "validator"), "$jsonSchema"), "required")
		for i, one := range list(command, "documents") {
			document, _ := one.(bson.D)
			for _, field := range required {
				if !slices.ContainsFunc(document, func(e bson.E) bool { return e.Key == field }) {
					return bson.D{{Key: "n", Value: int32(0)}, {Key: "writeErrors", Value: bson.A{bson.D{{Key: "index", Value: int32(i)}, {Key: "code", Value: int32(121)},
						{Key: "errmsg", Value: "Document failed validation"}}}}, {Key: "ok", Value: 1.0}}
				}
			}
		}
	}
	return k.forward(without(command, "bypassDocumentValidation"))
}

func (k *client) drop(command bson.D) bson.D {
	k.change(func(s *state) {
		delete(s.Indexes, namespace(command))
		delete(s.Options, namespace(command))
	})
	return k.forward(command)
}

func (k *client) listCollections(command bson.D) bson.D {
	reply := k.forward(without(command, "cursor", "authorizedCollections"))
	k.mu.Lock()
	defer k.mu.Unlock()
	batch := bson.A{}
	for _, one := range list(doc(reply, "cursor"), "firstBatch") {
		d, _ := one.(bson.D)
		if kept, ok := k.state.Options[text(command, "$db")+"."+text(d, "name")]; ok {
			d = put(d, "options", fromJSON(kept))
		}
		batch = append(batch, d)
	}
	if doc(reply, "cursor") == nil {
		return reply
	}
	return put(reply, "cursor", put(doc(reply, "cursor"), "firstBatch", batch))
}

// plain: a command in words that the server behind knows. A search for words becomes one for their letters.
func plain(k *client, name string, command bson.D) bson.D {
	switch name {
	case "find", "count":
		key := "filter"
		if name == "count" {
			key = "query"
		}
		if filter := doc(command, key); filter != nil {
			command = put(command, key, k.search(namespace(command), filter))
		}
		for _, key := range []string{"sort", "projection"} {
			if d := doc(command, key); d != nil {
				command = put(command, key, withoutMeta(d))
			}
		}
	case "aggregate":
		stages := bson.A{}
		for _, one := range list(command, "pipeline") {
			stage, _ := one.(bson.D)
			if match := doc(stage, "$match"); match != nil {
				stage = bson.D{{Key: "$match", Value: k.search(namespace(command), match)}}
			}
			for _, key := range []string{"$sort", "$project", "$set", "$addFields"} {
				if d := doc(stage, key); d != nil {
					stage = bson.D{{Key: key, Value: withoutMeta(d)}}
				}
			}
			if len(stage) == 1 && len(doc(stage, stage[0].Key)) == 0 && stage[0].Key != "$match" && doc(stage, stage[0].Key) != nil {
				continue
			}
			stages = append(stages, stage)
		}
		command = put(command, "pipeline", stages)
	}
	return command
}

func withoutMeta(d bson.D) bson.D {
	out := bson.D{}
	for _, e := range d {
		if inner, ok := e.Value.(bson.D); ok && get(inner, "$meta") != nil {
			continue
		}
		out = append(out, e)
	}
	return out
}

func (k *client) search(ns string, filter bson.D) bson.D {
	out := bson.D{}
	for _, e := range filter {
		inner, isDoc := e.Value.(bson.D)
		if e.Key == "$and" || e.Key == "$or" {
			all := bson.A{}
			for _, one := range list(filter, e.Key) {
				if d, ok := one.(bson.D); ok {
					one = k.search(ns, d)
				}
				all = append(all, one)
			}
			out = append(out, bson.E{Key: e.Key, Value: all})
			continue
		}
		if e.Key != "$text" || !isDoc {
			out = append(out, e)
			continue
		}
		any := bson.A{}
		for _, word := range strings.Fields(strings.ReplaceAll(text(inner, "$search"), `"`, " ")) {
			for _, field := range k.textFields(ns) {
				any = append(any, bson.D{{Key: field, Value: primitive.Regex{Pattern: `\b` + regexp.QuoteMeta(word), Options: "i"}}})
			}
		}
		if len(any) == 0 {
			any = bson.A{bson.D{{Key: "_id", Value: bson.D{{Key: "$exists", Value: false}}}}}
		}
		out = append(out, bson.E{Key: "$and", Value: bson.A{bson.D{{Key: "$or", Value: any}}}})
	}
	return out
}

// applyOps is how mongorestore replays the log of changes.
func (k *client) applyOps(command bson.D) bson.D {
	for _, one := range list(command, "applyOps") {
		op, _ := one.(bson.D)
		db, collection, _ := strings.Cut(text(op, "ns"), ".")
		o := doc(op, "o")
		var reply bson.D
		switch text(op, "op") {
		case "n":
			continue
		case "i":
			reply = k.forward(bson.D{{Key: "update", Value: collection}, {Key: "updates", Value: bson.A{bson.D{
				{Key: "q", Value: bson.D{{Key: "_id", Value: get(o, "_id")}}}, {Key: "u", Value: o}, {Key: "upsert", Value: true}}}}, {Key: "$db", Value: db}})
		case "u":
			with := without(o, "$v")
			reply = k.forward(bson.D{{Key: "update", Value: collection}, {Key: "updates", Value: bson.A{bson.D{
				{Key: "q", Value: doc(op, "o2")}, {Key: "u", Value: dropID(with)}, {Key: "upsert", Value: true}}}}, {Key: "$db", Value: db}})
		case "d":
			reply = k.forward(bson.D{{Key: "delete", Value: collection}, {Key: "deletes", Value: bson.A{bson.D{{Key: "q", Value: o}, {Key: "limit", Value: int32(1)}}}}, {Key: "$db", Value: db}})
		default:
			return failure(2, "BadValue", fmt.Sprintf("this stand-in applies no operation %q", text(op, "op")))
		}
		if !truth(reply, "ok") {
			return reply
		}
	}
	return okay
}

// dropID: the server behind logs whole documents as $set, _id included, and does not take that back.
func dropID(update bson.D) bson.D {
	if set := doc(update, "$set"); set != nil {
		return put(update, "$set", without(set, "_id"))
	}
	return update
}
