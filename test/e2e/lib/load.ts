import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";

import type { Project } from "./project.ts";
import { must } from "./run.ts";

/** A signed-in person: the cookies that a browser would send. */
export interface Person {
  readonly cookie: string;
  readonly token: string;
}

/** What the titles of this run begin with, so that a second run on the same stack counts its own. */
export const TITLE = `Load ${Date.now().toString(36)} `;

export interface Loaded {
  readonly reads: number;
  readonly writes: number;
  /** One line for each request that was not answered as it should be. */
  readonly failed: readonly string[];
  /** What the writes made, by the answers. */
  readonly made: readonly string[];
}

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
    people.append({"cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token}", "token": token})
print("PEOPLE", json.dumps(people))
`;

/** Signs people in by the application itself: the login tier would take ten minutes for as many. */
export async function signIn(project: Project, count: number, name: string): Promise<readonly Person[]> {
  const code = PEOPLE.replace("COUNT", String(count)).replace("NAME", name);
  const out = await must("docker", ["exec", "-i", (await project.containers()).get("backend") ?? "", "python", "manage.py", "shell"], {
    input: code,
  });
  const line = out.split("\n").find((one) => one.includes("PEOPLE ["));
  if (line === undefined) throw new Error(`nobody was signed in: ${out}`);
  return JSON.parse(line.slice(line.indexOf("["))) as readonly Person[];
}

/** Each person reads and writes through the edge once in `pause` ms until `stop` is called; every other one on fresh connections. */
export function load(project: Project, people: readonly Person[], pause: number): { readonly stop: () => Promise<Loaded> } {
  const ca = readFileSync(join(project.dir, "tls/ca.crt"));
  const kept = new Agent({ keepAlive: true, ca });
  const counts = { reads: 0, writes: 0 };
  const failed: string[] = [];
  const made: string[] = [];
  const ended = new AbortController();
  const one = async (person: Person, number: number): Promise<void> => {
    await new Promise((wake) => setTimeout(wake, (pause / people.length) * number));
    for (let round = 0; !ended.signal.aborted; round++) {
      const began = Date.now();
      const writes = round % 3 === 2;
      const wanted = writes ? 201 : 200;
      const call = {
        method: writes ? "POST" : "GET",
        path: "/api/v1/articles/",
        body: writes ? { title: `${TITLE}${number}-${round}`, body: "Under load." } : undefined,
      };
      const answer = await ask(project.ports.https, person, call, number % 2 === 0 ? { agent: kept } : { agent: false, ca }).catch((error: unknown) =>
        String(error),
      );
      if (writes) counts.writes++;
      else counts.reads++;
      if (typeof answer === "string" || answer.status !== wanted)
        failed.push(
          `${new Date(began).toISOString().slice(11, 23)} ${call.method}: ${typeof answer === "string" ? answer : `${answer.status} ${answer.text.slice(0, 200)}`}`,
        );
      else if (writes) made.push(String((JSON.parse(answer.text) as { id: unknown }).id));
      await new Promise((wake) => setTimeout(wake, Math.max(0, began + pause - Date.now())));
    }
  };
  const all = people.map(one);
  return {
    stop: async () => {
      ended.abort();
      await Promise.all(all);
      kept.destroy();
      return { ...counts, failed, made };
    },
  };
}

function ask(
  port: number,
  person: Person,
  call: { readonly method: string; readonly path: string; readonly body: unknown },
  connection: { readonly agent: Agent | false; readonly ca?: Buffer },
): Promise<{ readonly status: number; readonly text: string }> {
  const payload = call.body === undefined ? "" : JSON.stringify(call.body);
  const headers = {
    host: `localhost:${port}`,
    cookie: person.cookie,
    "x-csrftoken": person.token,
    origin: `https://localhost:${port}`,
    ...(payload === "" ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(payload)) }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: "127.0.0.1", port, servername: "localhost", path: call.path, method: call.method, headers, timeout: 30_000, ...connection },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      },
    );
    asked.on("timeout", () => asked.destroy(new Error("no answer in 30 s")));
    asked.on("error", reject);
    asked.end(payload);
  });
}
