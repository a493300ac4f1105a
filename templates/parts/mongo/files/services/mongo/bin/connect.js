// How the scripts of this folder reach the replica set, and how they read a password. Loaded by them, not required: a module has no Mongo.
{
const fs = require("fs");

// The certificate of the project's CA, where the servers have one.
const trust = ["/run/trust/ca.crt", "/run/tls/ca.crt"].find((file) => fs.existsSync(file));
const secure = trust === undefined || process.env.MONGO_TLS !== "yes" ? "" : `&tls=true&tlsCAFile=${trust}`;

globalThis.mongo = {
  /** A file under rotation has two lines: the one to use, and another that is good. */
  passwords: (name) =>
    fs
      .readFileSync(`/run/secrets/${name}`, "utf8")
      .split("\n")
      .filter((line) => line !== ""),
  members: process.env.MONGO_MEMBERS.split(","),
  /** One server alone, whatever it is. */
  alone: (host) => new Mongo(`mongodb://${host}/?directConnection=true&serverSelectionTimeoutMS=3000&connectTimeoutMS=3000${secure}`),
  /** The primary of the set. */
  primary: () => new Mongo(`mongodb://${process.env.MONGO_MEMBERS}/?replicaSet=rs0&serverSelectionTimeoutMS=15000&connectTimeoutMS=3000${secure}`),
  /** True when it gets in; false when the password is refused. Anything else is thrown. */
  logIn: (connection, user, password, database = "admin") => {
    try {
      return connection.getDB(database).auth({ user, pwd: password, mechanism: "SCRAM-SHA-256" }).ok === 1;
    } catch (error) {
      if (error.code === 18 || /Authentication failed/.test(error.message)) return false;
      throw error;
    }
  },
};
}
