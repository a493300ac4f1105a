import type { Application } from "./application.ts";
import { HEALTH_IS_FINE, kitAccounts, settingsBy, sortedLines } from "./kit-accounts.ts";

const FILES = "/api/v1/files/";

/** Files, each of which a job looks into: size, checksum, text or a small picture. */
export const fastapiArqMinio: Application = {
  healthy: { status: "healthy", database: "ok", cache: "ok", storage: "ok" },
  withoutQueue: { status: "unhealthy", database: "ok", storage: "ok" },

  ...kitAccounts,

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
    sortedLines(await project.sql(`SELECT id FROM files WHERE name LIKE '${title}%' ${done ? "AND state = 'done'" : ""}`)),

  settings: settingsBy("app", "app.manage"),
  table: "files",
  queue: "arq:queue",
  fillQueue: (jobs) => `ZADD arq:queue ${Array.from({ length: jobs }, (_, index) => `9999999999999 nothing-${index}`).join(" ")}`,

  unlimited: { RATE_LIMIT_API: "1000000/min", RATE_LIMIT_AUTH: "1000000/min", RATE_LIMIT_UPLOADS: "1000000/min" },
  development: { db: 5432, redis: 6379, api: 8000, frontend: 5173 },
  built: ["api", "frontend"],
  images: ["api", "frontend"],
  spoilt: {
    migration: "USER 0:0\nRUN printf 'raise SystemExit(3)\\n' >/app/app/manage.py\nUSER 10001:10001",
    answers: `USER 0:0\n${HEALTH_IS_FINE}\nUSER 10001:10001`,
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
