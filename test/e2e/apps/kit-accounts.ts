import { createHash, randomBytes } from "node:crypto";

import { run } from "../lib/run.ts";
import type { Application } from "./application.ts";

/** Accounts of the Python library: a session is a row that holds the hash of what is in the cookie. */
export const kitAccounts: Pick<Application, "visit" | "register" | "login" | "signIn" | "people" | "inImage"> = {
  visit: (edge) => edge.call("/api/v1/auth/csrf/"),
  register: (edge, who) => edge.call("/api/v1/auth/register/", { method: "POST", body: who }),
  login: (edge, who) => edge.call("/api/v1/auth/login/", { method: "POST", body: who }),
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
  inImage: "service_kit",
};

/** A line of a Dockerfile: the health answer says another word than the deploy asks for. */
export const HEALTH_IS_FINE =
  "RUN sed -i 's/\"healthy\"/\"fine\"/' /opt/venv/lib/python3.13/site-packages/service_kit/health.py && find /opt/venv -name 'health.*.pyc' -delete";

/** What the application's own `show` of that module says of settings. */
export const settingsBy =
  (role: string, module: string): Application["settings"] =>
  async (project, names) => {
    const code = `import asyncio\nfrom ${module} import show\nfor name, value in asyncio.run(show(${JSON.stringify(names)})): print(name, value)\n`;
    const ran = await run("docker", ["exec", "-i", await project.container(role), "python", "-"], { input: code });
    return ran.out + ran.err;
  };

/** Lines as a sorted list. */
export const sortedLines = (rows: string): readonly string[] =>
  rows
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();
