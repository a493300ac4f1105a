import { createHash, randomBytes } from "node:crypto";

import { run } from "../lib/run.ts";
import type { Application } from "./application.ts";

const FILES = "/api/v1/files/";
const ids = (rows: string) =>
  rows
    .split("\n")
    .filter((id) => id !== "")
    .toSorted();

/** Files, each of which a job looks into: size, checksum, text or a small picture. */
export const fastapiArqMinio: Application = {
  healthy: { status: "healthy", database: "ok", cache: "ok", storage: "ok" },
  withoutQueue: { status: "unhealthy", database: "ok", storage: "ok" },

  visit: (edge) => edge.call("/api/v1/auth/csrf/"),
  register: (edge, who) => edge.call("/api/v1/auth/register/", { method: "POST", body: who }),
  login: (edge, who) => edge.call("/api/v1/auth/login/", { method: "POST", body: who }),
  /** A session is a row that holds the hash of what is in the cookie. */
  signIn: async (project, count, name) => {
    const tokens = Array.from({ length: count }, () => randomBytes(32).toString("base64url"));
    const rows = tokens.map((token, number) => `('${name}-${number}@example.com', '${createHash("sha256").update(token).digest("hex")}')`);
    await project.sql(`
      CREATE TEMP TABLE wanted (email text, token text); INSERT INTO wanted VALUES ${rows.join(", ")};
      INSERT INTO users (id, email, password_hash) SELECT gen_random_uuid(), email, '!' FROM wanted ON CONFLICT (email) DO NOTHING;
      INSERT INTO sessions (token_hash, user_id, created_at, expires_at)
        SELECT token, users.id, now(), now() + interval '1 day' FROM wanted JOIN users USING (email)`);
    return tokens.map((token) => ({ headers: { cookie: `__Host-sessionid=${token}; csrftoken=of-the-suite`, "x-csrftoken": "of-the-suite" } }));
  },
  people: async (project) => Number(await project.sql("SELECT count(*) FROM users")),

  paths: { login: "/api/v1/auth/login/", things: FILES, page: "/files/some/page" },
  write: (title) => ({
    path: `${FILES}?name=${encodeURIComponent(`${title}.txt`)}`,
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: `${title}, written under load.`,
  }),
  idOf: (body) => String((JSON.parse(body) as { id: unknown }).id),
  pathOf: (id) => `${FILES}${id}/`,
  jobOf: (file) => (file.state === "done" ? "done" : "waiting"),
  titlesOf: (list) => list.results.map((one: { name: string }) => one.name),
  things: async (project, title, done) =>
    ids(await project.sql(`SELECT id FROM files WHERE name LIKE '${title}%' ${done ? "AND state = 'done'" : ""}`)),

  settings: async (project, names) => {
    const code = `import asyncio\nfrom app.manage import show\nfor name, value in asyncio.run(show(${JSON.stringify(names)})): print(name, value)\n`;
    const ran = await run("docker", ["exec", "-i", await project.container("app"), "python", "-"], { input: code });
    return ran.out + ran.err;
  },
  table: "files",
  queue: "arq:queue",
  fillQueue: (jobs) => `ZADD arq:queue ${Array.from({ length: jobs }, (_, index) => `9999999999999 nothing-${index}`).join(" ")}`,

  unlimited: { RATE_LIMIT_API: "1000000/min", RATE_LIMIT_AUTH: "1000000/min", RATE_LIMIT_UPLOADS: "1000000/min" },
  development: { db: 5432, redis: 6379, api: 8000, frontend: 5173 },
  built: ["api", "frontend"],
  images: ["api", "frontend"],
  inImage: "service_kit",
  spoilt: {
    migration: "USER 0:0\nRUN printf 'raise SystemExit(3)\\n' >/app/app/manage.py\nUSER 10001:10001",
    answers:
      "USER 0:0\nRUN sed -i 's/\"healthy\"/\"fine\"/' /opt/venv/lib/python3.13/site-packages/service_kit/health.py && find /opt/venv -name 'health.*.pyc' -delete\nUSER 10001:10001",
  },
  notTyped: {
    "docker compose exec api python -m app.manage create_user": "asks for a password in a terminal",
    "docker compose exec api python -m app.manage set_password": "asks for a password in a terminal",
  },
  saved: {
    file: "services/api/app/main.py",
    adds: '\n\n@app.get("/api/v1/saved")\nasync def saved() -> str:\n    return "reloaded"\n',
    path: "/api/v1/saved",
    says: '"reloaded"',
  },
};
