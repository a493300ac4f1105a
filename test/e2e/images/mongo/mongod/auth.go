package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"

	"github.com/xdg-go/scram"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// account is a user as it stands in admin.system.users, in mongod's own form, so that a dump takes it along.
type account struct {
	id, name, db string
	roles        bson.A
	credentials  bson.D
}

const usersIn, rolesIn = "system.users", "system.roles"

func (k *client) rowsOf(collection string, filter bson.D) []bson.D {
	reply := k.forward(bson.D{{Key: "find", Value: collection}, {Key: "filter", Value: filter}, {Key: "batchSize", Value: int32(1000)}, {Key: "$db", Value: "admin"}})
	var rows []bson.D
	for _, row := range list(doc(reply, "cursor"), "firstBatch") {
		if d, ok := row.(bson.D); ok {
			rows = append(rows, d)
		}
	}
	return rows
}

// accountOf: of "db.user".
func (k *client) accountOf(id string) *account {
	for _, row := range k.rowsOf(usersIn, bson.D{{Key: "_id", Value: id}}) {
		return &account{id: id, name: text(row, "user"), db: text(row, "db"), roles: list(row, "roles"), credentials: doc(doc(row, "credentials"), "SCRAM-SHA-256")}
	}
	return nil
}

// memberAs: what another member of the set would be, by the key that both have; a login of the database "local".
func (k *client) memberAs(db string) *account {
	if db != "local" || k.keyFile == "" {
		return nil
	}
	bytes, _ := os.ReadFile(k.keyFile)
	keys := keysOf(string(bytes))
	if len(keys) == 0 {
		return nil
	}
	return &account{id: "local.__system", name: "__system", db: "local", roles: bson.A{bson.D{{Key: "role", Value: "root"}, {Key: "db", Value: "admin"}}},
		credentials: doc(credentialsFor(keys[0]), "SCRAM-SHA-256")}
}

var wrong = failure(18, "AuthenticationFailed", "Authentication failed.")

func (k *client) saslStart(command bson.D) bson.D {
	k.user, k.talk = nil, nil
	if text(command, "mechanism") != "SCRAM-SHA-256" {
		return failure(334, "MechanismUnavailable", fmt.Sprintf("Received authentication for mechanism %s which is not enabled", text(command, "mechanism")))
	}
	k.skipEmpty = truth(doc(command, "options"), "skipEmptyExchange")
	db := text(command, "$db")
	member := k.memberAs(db)
	one, err := scram.SHA256.NewServer(func(name string) (scram.StoredCredentials, error) {
		if name == "__system" && member != nil {
			k.talker = member
		} else {
			k.talker = k.accountOf(db + "." + name)
		}
		if k.talker == nil {
			return scram.StoredCredentials{}, fmt.Errorf("no such user")
		}
		c := k.talker.credentials
		salt, _ := base64.StdEncoding.DecodeString(text(c, "salt"))
		stored, _ := base64.StdEncoding.DecodeString(text(c, "storedKey"))
		server, _ := base64.StdEncoding.DecodeString(text(c, "serverKey"))
		iterations, _ := get(c, "iterationCount").(int32)
		return scram.StoredCredentials{KeyFactors: scram.KeyFactors{Salt: string(salt), Iters: int(iterations)}, StoredKey: stored, ServerKey: server}, nil
	})
	if err != nil {
		return wrong
	}
	k.talk = one.NewConversation()
	return k.step(command)
}

func (k *client) saslContinue(command bson.D) bson.D {
	if k.talk == nil {
		return failure(17, "ProtocolError", "No SASL session state found")
	}
	if k.talk.Done() {
		return bson.D{{Key: "conversationId", Value: int32(1)}, {Key: "done", Value: true}, {Key: "payload", Value: primitive.Binary{}}, {Key: "ok", Value: 1.0}}
	}
	return k.step(command)
}

func (k *client) step(command bson.D) bson.D {
	var payload []byte
	switch p := get(command, "payload").(type) {
	case primitive.Binary:
		payload = p.Data
	case []byte:
		payload = p
	}
	said, err := k.talk.Step(string(payload))
	if err != nil {
		k.talk = nil
		name := ""
		if k.talker != nil {
			name = k.talker.name
		}
		logLine("I", "ACCESS", "Authentication failed", map[string]any{"user": name, "remote": k.conn.RemoteAddr().String()})
		return wrong
	}
	done := false
	if k.talk.Done() && k.talk.Valid() {
		k.user = k.talker
		done = k.skipEmpty
	}
	return bson.D{{Key: "conversationId", Value: int32(1)}, {Key: "done", Value: done}, {Key: "payload", Value: primitive.Binary{Data: []byte(said)}}, {Key: "ok", Value: 1.0}}
}

func (k *client) logout(bson.D) bson.D { k.user = nil; return okay }

func (k *client) connectionStatus(bson.D) bson.D {
	users, roles := bson.A{}, bson.A{}
	if k.user != nil {
		users = append(users, bson.D{{Key: "user", Value: k.user.name}, {Key: "db", Value: k.user.db}})
		roles = k.user.roles
	}
	return bson.D{{Key: "authInfo", Value: bson.D{{Key: "authenticatedUsers", Value: users}, {Key: "authenticatedUserRoles", Value: roles}}}, {Key: "ok", Value: 1.0}}
}

func credentialsFor(password string) bson.D {
	salt := make([]byte, 28)
	_, _ = rand.Read(salt)
	const iterations = 15000
	maker, _ := scram.SHA256.NewClient("user", password, "")
	c := maker.GetStoredCredentials(scram.KeyFactors{Salt: string(salt), Iters: iterations})
	b64 := base64.StdEncoding.EncodeToString
	return bson.D{{Key: "SCRAM-SHA-256", Value: bson.D{{Key: "iterationCount", Value: int32(iterations)}, {Key: "salt", Value: b64(salt)},
		{Key: "storedKey", Value: b64(c.StoredKey)}, {Key: "serverKey", Value: b64(c.ServerKey)}}}}
}

// rolesIn: names without a database mean the one of the command.
func withDatabase(roles bson.A, db string) bson.A {
	out := bson.A{}
	for _, role := range roles {
		if name, ok := role.(string); ok {
			role = bson.D{{Key: "role", Value: name}, {Key: "db", Value: db}}
		}
		out = append(out, role)
	}
	return out
}

func (k *client) store(collection, id string, row bson.D) bson.D {
	reply := k.forward(bson.D{{Key: "update", Value: collection}, {Key: "updates", Value: bson.A{bson.D{
		{Key: "q", Value: bson.D{{Key: "_id", Value: id}}}, {Key: "u", Value: row}, {Key: "upsert", Value: true}}}}, {Key: "$db", Value: "admin"}})
	if !truth(reply, "ok") || len(list(reply, "writeErrors")) > 0 {
		return failure(1, "InternalError", fmt.Sprintf("the server behind did not keep it: %v", reply))
	}
	return okay
}

func (k *client) writeUser(command bson.D) bson.D {
	name, db := fmt.Sprint(command[0].Value), text(command, "$db")
	id := db + "." + name
	old := k.accountOf(id)
	if command[0].Key == "createUser" && old != nil {
		return failure(51003, "Location51003", fmt.Sprintf("User %q already exists", name+"@"+db))
	}
	if command[0].Key == "updateUser" && old == nil {
		return failure(11, "UserNotFound", fmt.Sprintf("Could not find user %q for db %q", name, db))
	}
	row := bson.D{{Key: "_id", Value: id}, {Key: "user", Value: name}, {Key: "db", Value: db}}
	if password, given := get(command, "pwd").(string); given {
		row = append(row, bson.E{Key: "credentials", Value: credentialsFor(password)})
	} else if old != nil {
		row = append(row, bson.E{Key: "credentials", Value: bson.D{{Key: "SCRAM-SHA-256", Value: old.credentials}}})
	} else {
		return failure(2, "BadValue", "Must provide a 'pwd' field for all user documents, except those with '$external' as the user's source db")
	}
	roles := bson.A{}
	if old != nil {
		roles = old.roles
	}
	if given, ok := get(command, "roles").(bson.A); ok {
		roles = withDatabase(given, db)
	}
	return k.store(usersIn, id, append(row, bson.E{Key: "roles", Value: roles}))
}

func (k *client) dropUser(command bson.D) bson.D {
	return k.forward(bson.D{{Key: "delete", Value: usersIn}, {Key: "deletes", Value: bson.A{bson.D{
		{Key: "q", Value: bson.D{{Key: "_id", Value: fmt.Sprintf("%s.%v", text(command, "$db"), command[0].Value)}}}, {Key: "limit", Value: int32(1)}}}}, {Key: "$db", Value: "admin"}})
}

func (k *client) usersInfo(command bson.D) bson.D {
	filter := bson.D{}
	switch asked := command[0].Value.(type) {
	case string:
		filter = bson.D{{Key: "_id", Value: text(command, "$db") + "." + asked}}
	case bson.D:
		if text(asked, "user") != "" {
			filter = bson.D{{Key: "_id", Value: text(asked, "db") + "." + text(asked, "user")}}
		}
	}
	users := bson.A{}
	for _, row := range k.rowsOf(usersIn, filter) {
		if !truth(command, "showCredentials") {
			row = without(row, "credentials")
		}
		users = append(users, row)
	}
	return bson.D{{Key: "users", Value: users}, {Key: "ok", Value: 1.0}}
}
