import { must } from "../lib/run.ts";
import type { Application, Person } from "./application.ts";

const PEOPLE = `
import json
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.middleware.csrf import _get_new_csrf_string
people = []
for number in range(COUNT):
    user, _ = get_user_model().objects.get_or_create(email=f"NAME-{number}@example.com")
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    token = _get_new_csrf_string()
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token}"
    people.append({"headers": {"cookie": cookie, "x-csrftoken": token}})
print("PEOPLE", json.dumps(people))
`;

/** For the pooler's test: 200 clients, all connected at once, each with prepared statements; then one more while they sit idle. */
const CLIENTS = `
import asyncio, json, os, time, psycopg
E = os.environ
async def connect():
    return await psycopg.AsyncConnection.connect(host=E["DB_HOST"], port=E["DB_PORT"], dbname="app", user="app", autocommit=True,
        password=open("/run/secrets/db_app_password").read().split()[0], prepare_threshold=0, connect_timeout=20)
async def client(number):
    connection = await connect()
    most = 0
    for turn in range(10):
        rows = await connection.execute("select count(*), pg_sleep(0.02), %s::int from pg_stat_activity where usename = 'app'", [number])
        count, _, mine = await rows.fetchone()
        assert mine == number
        most = max(most, count)
    return connection, most
async def main():
    done = await asyncio.gather(*(client(number) for number in range(200)), return_exceptions=True)
    failed = [repr(one) for one in done if isinstance(one, BaseException)]
    most = max((one[1] for one in done if not isinstance(one, BaseException)), default=0)
    began = time.monotonic()
    try:
        await (await connect()).execute("select 1")
        waited = time.monotonic() - began
    except Exception as error:
        waited = repr(error)
    print("SAW", json.dumps({"clients": len(done) - len(failed), "failed": failed[:3], "most": most, "waited": waited}))
asyncio.run(main())
`;

/** Articles, each of which is analysed by a job. */
export const djangoPostgres: Application = {
  healthy: { status: "healthy", database: "ok", cache: "ok" },
  withoutQueue: { status: "unhealthy", database: "ok" },

  visit: (edge) => edge.call("/api/v1/auth/csrf/"),
  register: (edge, who) => edge.call("/api/v1/auth/register/", { method: "POST", body: who }),
  login: (edge, who) => edge.call("/api/v1/auth/login/", { method: "POST", body: who }),
  signIn: async (project, count, name) => {
    const input = PEOPLE.replace("COUNT", String(count)).replace("NAME", name);
    const out = await must("docker", ["exec", "-i", await project.container("app"), "python", "manage.py", "shell"], { input });
    const line = out.split("\n").find((one) => one.includes("PEOPLE ["));
    if (line === undefined) throw new Error(`nobody was signed in: ${out}`);
    return JSON.parse(line.slice(line.indexOf("["))) as readonly Person[];
  },
  people: async (project) => Number(await project.sql("SELECT count(*) FROM accounts_user")),

  paths: { login: "/api/v1/auth/login/", things: "/api/v1/articles/", page: "/articles/some/page" },
  write: (title) => ({
    path: "/api/v1/articles/",
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title, body: "Written under load." }),
  }),
  idOf: (body) => String((JSON.parse(body) as { id: unknown }).id),
  pathOf: (id) => `/api/v1/articles/${id}/`,
  jobOf: (article) => (article.analysis?.state === "done" ? "done" : "waiting"),
  titlesOf: (list) => list.results.map((one: { title: string }) => one.title),
  things: async (project, title, done) => {
    const only = done ? "and id in (select article_id from articles_analysis where state = 'done')" : "";
    const ids = await project.sql(`select id from articles_article where title like '${title}%' ${only}`);
    return ids
      .split("\n")
      .filter((id) => id !== "")
      .toSorted();
  },

  clients: CLIENTS,
  settings: async (project, names) => {
    const code = `from django.db import connection as c\nk = c.cursor()\nfor name in ${JSON.stringify(names)}:\n k.execute('SHOW ' + name); print(name, k.fetchone()[0])\n`;
    return must("docker", ["exec", "-i", await project.container("app"), "python", "manage.py", "shell"], {
      input: `exec(${JSON.stringify(code)})\n`,
    });
  },

  table: "articles_article",
  queue: "celery",
  fillQueue: (jobs) => `LPUSH celery ${"x ".repeat(jobs)}`,

  unlimited: { RATE_LIMIT_API: "1000000/min", RATE_LIMIT_AUTH: "1000000/min" },
  development: { db: 5432, redis: 6379, backend: 8000, frontend: 5173 },
  built: ["backend", "frontend"],
  images: ["backend", "frontend"],
  inImage: "check_database",
  signing: "django_secret_key",
  spoilt: {
    migration: "USER 0:0\nRUN sed -i 's/^def main/raise SystemExit(3)\\n\\n\\ndef main/' /app/manage.py\nUSER 10001:10001",
    answers: 'USER 0:0\nRUN sed -i \'s/"healthy" if healthy/"fine" if healthy/\' /app/ops/views.py\nUSER 10001:10001',
  },
  notTyped: {
    "docker compose exec backend python manage.py createsuperuser": "asks for a password in a terminal",
    "docker compose exec backend python manage.py changepassword": "asks for a password in a terminal",
  },
  saved: {
    file: "services/backend/config/urls.py",
    adds: '\nfrom django.http import HttpResponse\nfrom django.urls import path as _path\nurlpatterns += [_path("api/v1/saved", lambda request: HttpResponse("reloaded"))]\n',
    path: "/api/v1/saved",
    says: "reloaded",
  },
};
