import type { Project } from "../lib/project.ts";
import { must } from "../lib/run.ts";
import type { Application, Person } from "./application.ts";

const TICKETS = "/api/v1/tickets/";

/** Code in the API's own container, with the modules of the application and its two stores; what it returns, as JSON. */
async function within<Result>(project: Project, code: string): Promise<Result> {
  const input = `
import { makeUser } from "/app/src/accounts/make.ts";
import { mongoUsers } from "/app/src/accounts/mongo-users.ts";
import { readMongo, readRedis } from "/app/src/config/settings.ts";
import { Mongo } from "/app/src/mongo/client.ts";
import { makeRedis } from "/app/src/redis/client.ts";
import { redisSessions } from "/app/src/redis/sessions.ts";
import { events, tickets } from "/app/src/tickets/journal.ts";
const mongo = new Mongo(readMongo(process.env), "suite");
const redis = makeRedis(readRedis(process.env), { warn() {}, info() {} }, "worker");
await redis.connect();
const result = await (async () => { ${code} })();
redis.destroy();
await mongo.close();
console.log("SAID", JSON.stringify(result));
`;
  const out = await must("docker", ["exec", "-i", await project.runningCopy("app"), "node", "--input-type=module", "-"], { input });
  const line = out.split("\n").find((one) => one.startsWith("SAID "));
  if (line === undefined) throw new Error(`nothing was said: ${out}`);
  return JSON.parse(line.slice(5)) as Result;
}

/** Tickets, each of which is read by a job; a ticket and its history are written in one transaction. */
export const nodeMongo: Application = {
  healthy: { status: "healthy", database: "ok", cache: "ok" },
  withoutQueue: { status: "unhealthy", database: "ok" },

  visit: (edge) => edge.call("/api/v1/auth/csrf/"),
  register: (edge, who) => edge.call("/api/v1/auth/register/", { method: "POST", body: who }),
  login: (edge, who) => edge.call("/api/v1/auth/login/", { method: "POST", body: who }),
  signIn: (project, count, name) =>
    within<readonly Person[]>(
      project,
      `
const users = mongoUsers(mongo);
const sessions = redisSessions(redis, 86_400);
const people = [];
for (let number = 0; number < ${count}; number++) {
  const email = ${JSON.stringify(name)} + "-" + number + "@example.com";
  const user = (await users.byEmail(email)) ?? makeUser({ email, displayName: "", passwordHash: "nobody-signs-in-with-this" });
  await users.insert(user);
  const token = await sessions.open({ userId: user._id, epoch: user.sessionEpoch, csrf: "of-the-suite" });
  people.push({ headers: { cookie: "__Host-sessionid=" + token + "; csrftoken=of-the-suite", "x-csrftoken": "of-the-suite" } });
}
return people;`,
    ),
  people: (project) => within<number>(project, `return mongo.run((db) => db.collection("users").countDocuments({}));`),

  paths: { login: "/api/v1/auth/login/", things: TICKETS, page: "/tickets/some/page" },
  write: (title) => ({
    path: TICKETS,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title, body: "Written under load." }),
  }),
  idOf: (body) => String((JSON.parse(body) as { id: unknown }).id),
  pathOf: (id) => `${TICKETS}${id}/`,
  jobOf: (ticket) => (ticket.triage?.state === "done" ? "done" : "waiting"),
  titlesOf: (list) => list.results.map((one: { title: string }) => one.title),
  /** Done once: the ticket says so, and its history has exactly one line of it. */
  things: (project, title, done) =>
    within<readonly string[]>(
      project,
      `
const filter = { title: { $regex: ${JSON.stringify(`^${title}`)} }, deletedAt: null${done ? ', "triage.state": "done"' : ""} };
const ids = await mongo.run((db) => tickets(db).find(filter).project({ _id: 1 }).map(({ _id }) => _id).toArray());
if (!${done}) return ids.sort();
const lines = await mongo.run((db) => events(db).find({ kind: "triaged", ticketId: { $in: ids } }).toArray());
return ids.filter((id) => lines.filter(({ ticketId }) => ticketId === id).length === 1).sort();`,
    ),

  // Without indexes of its own FerretDB on SQLite reads all tickets for each list: a thousand of them cost a quarter of a second.
  takeAway: async (project, title) => {
    const gone = await nodeMongo.things(project, title, true);
    const ids = JSON.stringify(gone);
    await within(
      project,
      `await mongo.run((db) => tickets(db).deleteMany({ _id: { $in: ${ids} } })); await mongo.run((db) => events(db).deleteMany({ ticketId: { $in: ${ids} } })); return "";`,
    );
    return gone;
  },

  settings: async () => "",
  table: "tickets",
  queue: "bull:triage:wait",
  fillQueue: (jobs) => `LPUSH bull:triage:wait ${"x ".repeat(jobs)}`,

  // FerretDB on SQLite, one transaction at a time: from some ten writes a second on, jobs pile up and each step of a deploy waits behind them.
  bears: 60,
  // mongosh runs in the container of the stand-in, whose processor was held back in every second period while three rotations were killed: of three
  // writes a second some waited for half a minute.
  bearsRotation: 3,
  unlimited: { RATE_LIMIT_API: "1000000/min", RATE_LIMIT_AUTH: "1000000/min" },
  development: { mongo: 27017, redis: 6379, backend: 8000, frontend: 5173 },
  built: ["backend", "frontend"],
  onServer: { backend: 17 },
  images: ["backend", "frontend"],
  inImage: "redisRateCounter",
  spoilt: {
    migration: "USER 0:0\nRUN sed -i '1i process.exit(3);' /app/src/bin/migrate.ts\nUSER 10001:10001",
    answers: 'USER 0:0\nRUN sed -i \'s/"healthy" : "unhealthy"/"fine" : "unhealthy"/\' /app/src/api/health.ts\nUSER 10001:10001',
  },
  notTyped: { "docker compose exec backend node src/bin/account.ts role": "46-node: the account must be there first" },
  saved: {
    file: "services/backend/src/accounts/auth-routes.ts",
    adds: '\nconst before = authRoutes;\nauthRoutes = (services) => async (app, options) => {\n  await before(services)(app, options);\n  app.get("/saved", { config: open }, async () => "reloaded");\n};\n',
    path: "/api/v1/auth/saved",
    says: "reloaded",
  },
};
