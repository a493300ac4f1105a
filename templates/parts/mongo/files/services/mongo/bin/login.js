// Whether a password gets a user in, or gives the user another one. For services/mongo/bin/login.
const fs = require("fs");
load("/opt/mongo/connect.js");
const { passwords, primary, logIn } = globalThis.mongo;

// What members of the set are to each other, by the keyfile: who has that may change every login.
function asMember(connection) {
  const keys = fs.readFileSync("/run/mongo/keyfile", "utf8").split("\n").map((line) => line.replace(/^- /, "")).filter((key) => key !== "");
  return keys.some((key) => logIn(connection, "__system", key, "local"));
}

const [verb, user] = process.argv.slice(-2);
const value = fs.readFileSync(3, "utf8").split("\n")[0];
try {
  if (verb === "try") quit(logIn(primary(), user, value) ? 0 : 1);
  const connection = primary();
  // While root's own is changed, one of the two lines in its file is the right one.
  if (!passwords("mongo_root_password").some((password) => logIn(connection, "root", password)) && !(verb === "force" && asMember(connection))) {
    print("root does not get in");
    quit(2);
  }
  quit(connection.getDB("admin").runCommand({ updateUser: user, pwd: value, mechanisms: ["SCRAM-SHA-256"] }).ok === 1 ? 0 : 2);
} catch (error) {
  print(error.message);
  quit(2);
}
