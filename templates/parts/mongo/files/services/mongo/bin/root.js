// Makes root, for services/mongo/bin/start: on 127.0.0.1, before anybody else can connect. Again is harmless.
const fs = require("fs");

const admin = new Mongo("mongodb://127.0.0.1:27017/?directConnection=true&serverSelectionTimeoutMS=2000").getDB("admin");
const password = fs.readFileSync("/run/secrets/mongo_root_password", "utf8").split("\n")[0];
if (admin.runCommand({ usersInfo: "root" }).users.length === 0) {
  const made = admin.runCommand({ createUser: "root", pwd: password, roles: [{ role: "root", db: "admin" }], mechanisms: ["SCRAM-SHA-256"] });
  if (made.ok !== 1) throw new Error(`root was not made: ${made.codeName}`);
}
