package main

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
)

// What a command does, in mongod's words. What is not listed needs root.
var actionOf = map[string]string{
	"find": "find", "count": "find", "distinct": "find", "aggregate": "find", "getMore": "find", "killCursors": "find", "explain": "find",
	"insert": "insert", "update": "update", "findAndModify": "update", "delete": "remove",
	"create": "createCollection", "createIndexes": "createIndex", "drop": "dropCollection", "dropIndexes": "dropIndex", "collMod": "collMod",
	"dropDatabase": "dropDatabase", "renameCollection": "renameCollectionSameDB",
	"listCollections": "listCollections", "listIndexes": "listIndexes", "collStats": "collStats", "dbStats": "dbStats", "dataSize": "collStats", "validate": "validate",
	"createUser": "createUser", "updateUser": "changePassword", "dropUser": "dropUser", "usersInfo": "viewUser",
	"createRole": "createRole", "updateRole": "grantRole", "rolesInfo": "viewRole",
	"serverStatus": "serverStatus", "replSetGetStatus": "replSetGetStatus", "replSetGetConfig": "replSetGetConfig", "listDatabases": "listDatabases",
	"replSetInitiate": "replSetConfigure", "replSetReconfig": "replSetConfigure", "appendOplogNote": "appendOplogNote", "getParameter": "getParameter",
	"hostInfo": "hostInfo", "getCmdLineOpts": "getCmdLineOpts", "currentOp": "inprog", "getLog": "getLog",
}

var forAnybody = []string{"hello", "isMaster", "ismaster", "saslStart", "saslContinue", "ping", "buildInfo", "buildinfo", "connectionStatus", "logout",
	"endSessions", "refreshSessions", "killSessions", "whatsmyuri", "commitTransaction", "abortTransaction", "listCommands"}

var forTheFirst = []string{"createUser", "createRole", "replSetInitiate", "replSetGetStatus", "replSetGetConfig"}

var reads = []string{"find", "listCollections", "listIndexes", "collStats", "dbStats"}
var writes = append([]string{"insert", "update", "remove", "createCollection", "dropCollection", "createIndex", "dropIndex", "renameCollectionSameDB"}, reads...)
var administers = []string{"listCollections", "listIndexes", "collStats", "dbStats", "createCollection", "dropCollection", "createIndex", "dropIndex", "collMod", "dropDatabase", "validate"}
var watches = []string{"serverStatus", "replSetGetStatus", "replSetGetConfig", "listDatabases", "getParameter", "hostInfo", "getCmdLineOpts", "inprog", "getLog",
	"collStats", "dbStats", "listCollections", "listIndexes"}

// builtIn: what mongod's own roles that a project may use are good for, in a database, or everywhere ("*").
func builtIn(role string) (actions []string, everywhere bool) {
	switch role {
	case "read":
		return reads, false
	case "readWrite":
		return writes, false
	case "dbAdmin":
		return administers, false
	case "readAnyDatabase":
		return append([]string{"listDatabases"}, reads...), true
	case "backup":
		return append([]string{"listDatabases", "appendOplogNote", "getParameter", "serverStatus", "hostInfo"}, reads...), true
	case "clusterMonitor":
		return watches, true
	}
	return nil, false
}

// permit: nothing, or why the command is refused.
func (k *client) permit(name string, command bson.D) bson.D {
	if !k.auth || slices.Contains(forAnybody, name) {
		return nil
	}
	if k.user == nil {
		if k.here() && slices.Contains(forTheFirst, name) && len(k.rowsOf(usersIn, bson.D{})) == 0 {
			return nil
		}
		return failure(13, "Unauthorized", "Command "+name+" requires authentication")
	}
	db := text(command, "$db")
	on, _ := command[0].Value.(string)
	if name == "getMore" {
		on = text(command, "collection")
	}
	action := actionOf[name]
	for _, one := range k.user.roles {
		role, ok := one.(bson.D)
		if ok && k.allows(text(role, "role"), text(role, "db"), action, db, on) {
			return nil
		}
	}
	return failure(13, "Unauthorized", fmt.Sprintf("not authorized on %s to execute command { %s }", db, name))
}

func (k *client) allows(role, of, action, db, on string) bool {
	if role == "root" && of == "admin" {
		return true
	}
	if actions, everywhere := builtIn(role); actions != nil {
		if everywhere && of == "admin" {
			return slices.Contains(actions, action)
		}
		return of == db && slices.Contains(actions, action)
	}
	for _, row := range k.rowsOf(rolesIn, bson.D{{Key: "_id", Value: of + "." + role}}) {
		for _, one := range list(row, "privileges") {
			privilege, _ := one.(bson.D)
			resource := doc(privilege, "resource")
			fits := truth(resource, "cluster") || text(resource, "db") == db && (text(resource, "collection") == "" || text(resource, "collection") == on)
			if fits && slices.Contains(list(privilege, "actions"), any(action)) {
				return true
			}
		}
		for _, one := range list(row, "roles") {
			inherited, _ := one.(bson.D)
			if k.allows(text(inherited, "role"), text(inherited, "db"), action, db, on) {
				return true
			}
		}
	}
	return false
}

func (k *client) writeRole(command bson.D) bson.D {
	name, db := fmt.Sprint(command[0].Value), text(command, "$db")
	id := db + "." + name
	exists := len(k.rowsOf(rolesIn, bson.D{{Key: "_id", Value: id}})) > 0
	if command[0].Key == "createRole" && exists {
		return failure(51002, "Location51002", fmt.Sprintf("Role %q already exists", name+"@"+db))
	}
	if command[0].Key == "updateRole" && !exists {
		return failure(31, "RoleNotFound", "Role "+name+"@"+db+" not found")
	}
	return k.store(rolesIn, id, bson.D{{Key: "_id", Value: id}, {Key: "role", Value: name}, {Key: "db", Value: db},
		{Key: "privileges", Value: list(command, "privileges")}, {Key: "roles", Value: withDatabase(list(command, "roles"), db)}})
}

func (k *client) rolesInfo(command bson.D) bson.D {
	filter := bson.D{}
	if asked, ok := command[0].Value.(string); ok {
		filter = bson.D{{Key: "_id", Value: text(command, "$db") + "." + asked}}
	}
	roles := bson.A{}
	for _, row := range k.rowsOf(rolesIn, filter) {
		roles = append(roles, row)
	}
	return bson.D{{Key: "roles", Value: roles}, {Key: "ok", Value: 1.0}}
}

// mergeAuthz is how mongorestore brings users and roles back: it filled these collections before.
func (k *client) mergeAuthz(command bson.D) bson.D {
	for from, to := range map[string]string{"tempUsersCollection": usersIn, "tempRolesCollection": rolesIn} {
		temporary := text(command, from)
		if temporary == "" {
			continue
		}
		if len(temporary) > 6 && temporary[:6] == "admin." {
			temporary = temporary[6:]
		}
		rows := k.rowsOf(temporary, bson.D{})
		if truth(command, "drop") {
			k.forward(bson.D{{Key: "delete", Value: to}, {Key: "deletes", Value: bson.A{bson.D{{Key: "q", Value: bson.D{}}, {Key: "limit", Value: int32(0)}}}}, {Key: "$db", Value: "admin"}})
		}
		for _, row := range rows {
			if !truth(command, "drop") && len(k.rowsOf(to, bson.D{{Key: "_id", Value: text(row, "_id")}})) > 0 {
				continue // who is there keeps the password of today
			}
			if kept := k.store(to, text(row, "_id"), row); !truth(kept, "ok") {
				return kept
			}
		}
	}
	return okay
}
