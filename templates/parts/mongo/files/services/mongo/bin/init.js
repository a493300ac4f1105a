// Initiates the replica set and makes its users. Safe to run at any time: what is there stays, passwords are ops/secrets' to change.
load("/opt/mongo/connect.js");
const { passwords, members, alone, primary, logIn } = globalThis.mongo;

const say = (msg) => print(JSON.stringify({ t: { $date: new Date().toISOString() }, s: "I", c: "CONTROL", id: 0, ctx: "mongo-init", msg }));
const database = process.env.MONGO_DATABASE;

function until(what, seconds, attempt) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    let reason;
    try {
      const got = attempt();
      if (got !== undefined) return got;
      reason = "not yet";
    } catch (error) {
      reason = error.message;
    }
    if (Date.now() > end) throw new Error(`${what}: ${reason}`);
    sleep(500);
  }
}

function asRoot(connect) {
  const connection = connect();
  for (const password of passwords("mongo_root_password")) if (logIn(connection, "root", password)) return connection;
  throw new Error("root does not get in: the volume is older than secrets/mongo_root_password. Put that file back, or ops/secrets rotate mongo_root_password --force");
}

function must(reply, what) {
  if (reply.ok !== 1) throw new Error(`${what}: ${reply.codeName ?? reply.errmsg}`);
  return reply;
}

function run(db, command) {
  try {
    // By a name: mongosh awaits that, and not what is returned at once.
    const reply = db.runCommand(command);
    return reply;
  } catch (error) {
    return { ok: 0, code: error.code, codeName: error.codeName, errmsg: error.message };
  }
}

const first = until(`${members[0]} does not answer`, 90, () => asRoot(() => alone(members[0])));
const config = run(first.getDB("admin"), { replSetGetConfig: 1 });
if (config.ok !== 1) {
  if (config.code !== 94) throw new Error(`the set does not tell its configuration: ${config.codeName}`);
  // The first member's volume may be new while the others have the set: a second one of the same name would part them for ever.
  for (const host of members.slice(1)) {
    const { setName } = run(alone(host).getDB("admin"), { hello: 1 });
    if (setName !== undefined) throw new Error(`${host} is in a set that ${members[0]} is not in: docs/operations/database.md, Resync a member`);
  }
  // Names that the clients know: what stands here is what a driver connects to.
  must(run(first.getDB("admin"), { replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: members[0] }] } }), "the set was not initiated");
  say("initiated the replica set rs0");
}
const set = until("the set has no primary", 60, () => asRoot(primary));
const admin = set.getDB("admin");

// One at a time, as a majority of those before must agree.
for (const host of members.slice(1)) {
  const { config: now } = must(run(admin, { replSetGetConfig: 1 }), "configuration");
  if (now.members.some((member) => member.host === host)) continue;
  const next = { ...now, version: now.version + 1, members: [...now.members, { _id: Math.max(...now.members.map((one) => one._id)) + 1, host }] };
  until(`${host} did not join`, 60, () => (must(run(admin, { replSetReconfig: next }), host), true));
  until(`${host} did not catch up`, 300, () => run(admin, { replSetGetStatus: 1 }).members.find((one) => one.name === host && one.stateStr === "SECONDARY"));
  say(`${host} joined the replica set`);
}

// What the application may: its documents, and to see which collections there are. It makes none and drops none.
const privileges = [
  { resource: { db: database, collection: "" }, actions: ["find", "insert", "update", "remove", "listCollections", "listIndexes", "collStats", "dbStats"] },
];
const role = run(admin, { rolesInfo: "appDocuments" }).roles.length === 0 ? "createRole" : "updateRole";
must(run(admin, { [role]: "appDocuments", privileges, roles: [] }), "the role appDocuments");

const users = {
  app_owner: ["mongo_owner_password", [{ role: "readWrite", db: database }, { role: "dbAdmin", db: database }]],
  app: ["mongo_app_password", [{ role: "appDocuments", db: "admin" }]],
  app_backup: ["mongo_backup_password", [{ role: "backup", db: "admin" }]],
  monitor: ["mongo_monitor_password", [{ role: "clusterMonitor", db: "admin" }]],
};
for (const [user, [secret, roles]] of Object.entries(users)) {
  if (run(admin, { usersInfo: user }).users.length > 0) must(run(admin, { updateUser: user, roles }), user);
  else {
    must(run(admin, { createUser: user, pwd: passwords(secret)[0], roles, mechanisms: ["SCRAM-SHA-256"] }), user);
    say(`made the user ${user}`);
  }
}
say("the replica set and its users are ready");
