// What is in the server, as lines by which two servers can be compared. WHAT=databases lists the application's; WHAT=manifest counts: each
// collection with the number of its documents and a sum over them, its indexes, its options, and the users and roles.
// MOMENT=seconds,number: as the documents were then, while others go on writing.
const fs = require("fs");
const crypto = require("crypto");

function connect() {
  if (process.env.SCRATCH === "yes") return new Mongo("mongodb://127.0.0.1:27018/?directConnection=true");
  const trust = process.env.MONGO_CA_FILE ? `&tls=true&tlsCAFile=${process.env.MONGO_CA_FILE}` : "";
  const connection = new Mongo(`mongodb://${process.env.MONGO_MEMBERS}/?replicaSet=rs0&serverSelectionTimeoutMS=15000${trust}`);
  connection.getDB("admin").auth({ user: process.env.BACKUP_DB_USER, pwd: fs.readFileSync(process.env.PASSWORD_FILE, "utf8"), mechanism: "SCRAM-SHA-256" });
  return connection;
}

const connection = connect();
const at = process.env.MOMENT;
const concern = at === undefined || at === "" ? {} : { readConcern: { level: "snapshot", atClusterTime: new Timestamp({ t: Number(at.split(",")[0]), i: Number(at.split(",")[1]) }) } };
const digest = (value) => crypto.createHash("md5").update(EJSON.stringify(value, { relaxed: false })).digest();
const sorted = (object) => Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));

// A sum over the documents, so their order is no matter. mongosh counts in doubles: 2^48 and the carry by hand would be no better.
function count(db, collection) {
  let documents = 0;
  let sum = 0n;
  let reply = db.runCommand({ find: collection, batchSize: 1000, ...concern });
  for (;;) {
    const batch = reply.cursor.firstBatch ?? reply.cursor.nextBatch;
    for (const one of batch) {
      documents += 1;
      sum = (sum + digest(one).readBigUInt64BE(0)) & 0xffffffffffffffffn;
    }
    const next = reply.cursor.id;
    if (Number(next) === 0) break;
    reply = db.runCommand({ getMore: next, collection, batchSize: 1000 });
  }
  return [documents, sum.toString(16)];
}

// What is left for looking at by a restore is in no backup; admin, config and local are the server's.
const names = connection.getDB("admin").runCommand({ listDatabases: 1, nameOnly: true }).databases.map((one) => one.name);
const mine = names.filter((name) => !["admin", "config", "local"].includes(name) && !name.endsWith("_scratch")).toSorted();
const lines = [];
if (process.env.WHAT === "databases") lines.push(...mine);
else {
  for (const name of mine) {
    const db = connection.getDB(name);
    const collections = db.runCommand({ listCollections: 1, nameOnly: false, cursor: { batchSize: 100000 } }).cursor.firstBatch;
    for (const collection of collections.filter((one) => one.type === "collection" && !one.name.startsWith("system.")).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const [documents, sum] = count(db, collection.name);
      lines.push(["table", `${name}.${collection.name}`, documents, sum].join("\t"));
      lines.push(["options", `${name}.${collection.name}`, digest(sorted(collection.options)).toString("hex")].join("\t"));
      const indexes = db.runCommand({ listIndexes: collection.name, cursor: { batchSize: 100000 } }).cursor.firstBatch;
      for (const index of indexes.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
        lines.push(["index", `${name}.${collection.name}`, index.name, digest(sorted({ ...index, v: 0, ns: "" })).toString("hex")].join("\t"));
    }
  }
  for (const collection of ["system.users", "system.roles"]) {
    const reply = connection.getDB("admin").runCommand({ find: collection, sort: { _id: 1 }, batchSize: 100000 });
    for (const one of reply.cursor.firstBatch) lines.push([collection.slice(7, -1), one._id, digest(sorted({ ...one, userId: "" })).toString("hex")].join("\t"));
  }
}
for (const line of lines) print(line);
