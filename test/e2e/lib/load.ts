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

/** What a load saw. No request is repeated: what fails, failed. */
export interface Loaded {
  readonly sent: number;
  readonly writes: number;
  readonly perSecond: number;
  /** One line for each request that was not answered as it should be. */
  readonly failed: readonly string[];
  /** What the writes made, by the answers. */
  readonly made: readonly string[];
  /** Which releases answered, in the order in which they were first seen. */
  readonly releases: readonly string[];
}

export type Kind = "page" | "read" | "write";

export interface Shape {
  /** Requests a second, all people together, at most. */
  readonly rate: number;
  /** What is asked, over and over. */
  readonly mix: readonly Kind[];
}

const PATHS: Readonly<Record<Kind, string>> = { page: "/", read: "/api/v1/articles/", write: "/api/v1/articles/" };

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

/** As many requests as may wait for an answer at a time: a machine that is too slow for the rate gets less, not a queue without end. */
const IN_FLIGHT = 40;

/** A constant load on the edge until `stop` is called: one request in eight on a fresh connection, the people in turn. */
export class Load {
  readonly #port: number;
  readonly #ca: Buffer;
  readonly #people: readonly Person[];
  readonly #kept = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  readonly #pending = new Set<Promise<void>>();
  readonly #began = Date.now();
  readonly #failed: string[] = [];
  readonly #made: string[] = [];
  readonly #releases = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #writes = 0;

  constructor(project: Project, people: readonly Person[], shape: Shape) {
    this.#port = project.ports.https;
    this.#ca = readFileSync(join(project.dir, "tls/ca.crt"));
    this.#people = people;
    // Catches up after a pause of this process, a quarter of a second's worth at a time, so that the rate is the rate.
    this.#timer = setInterval(() => {
      const due = Math.min(((Date.now() - this.#began) / 1000) * shape.rate, this.#sent + Math.max(1, shape.rate / 4));
      while (this.#sent < due && this.#pending.size < IN_FLIGHT) {
        const number = this.#sent++;
        const one = this.#one(number, shape.mix[number % shape.mix.length] ?? "read").finally(() => this.#pending.delete(one));
        this.#pending.add(one);
      }
    }, 20);
  }

  async stop(): Promise<Loaded> {
    clearInterval(this.#timer);
    const seconds = (Date.now() - this.#began) / 1000;
    await Promise.all(this.#pending);
    this.#kept.destroy();
    return {
      sent: this.#sent,
      writes: this.#writes,
      perSecond: this.#sent / seconds,
      failed: this.#failed,
      made: this.#made,
      releases: [...this.#releases],
    };
  }

  async #one(number: number, kind: Kind): Promise<void> {
    const began = new Date().toISOString().slice(11, 23);
    const person = this.#people[number % this.#people.length] as Person;
    const body = kind === "write" ? JSON.stringify({ title: `${TITLE}${number}`, body: "Written under load." }) : "";
    const wanted = kind === "write" ? 201 : 200;
    if (kind === "write") this.#writes++;
    const answer = await this.#ask(kind, person, body, Math.floor(number / this.#people.length) % 8 !== 0).catch((error: unknown) => String(error));
    if (typeof answer === "string") this.#failed.push(`${began} ${kind}: ${answer}`);
    else if (answer.status !== wanted) this.#failed.push(`${began} ${kind}: ${answer.status} ${answer.text.slice(0, 200)}`);
    else if (kind === "write") this.#made.push(String((JSON.parse(answer.text) as { id: unknown }).id));
  }

  #ask(kind: Kind, person: Person, body: string, kept: boolean): Promise<{ readonly status: number; readonly text: string }> {
    const headers = {
      host: `localhost:${this.#port}`,
      cookie: person.cookie,
      "x-csrftoken": person.token,
      origin: `https://localhost:${this.#port}`,
      ...(body === "" ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
    };
    const where = { host: "127.0.0.1", port: this.#port, servername: "localhost", ca: this.#ca, agent: kept ? this.#kept : false } as const;
    return new Promise((resolve, reject) => {
      const asked = request({ ...where, path: PATHS[kind], method: body === "" ? "GET" : "POST", headers, timeout: 30_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const release = response.headers["x-release"];
          if (typeof release === "string") this.#releases.add(release);
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
        });
      });
      asked.on("timeout", () => asked.destroy(new Error("no answer in 30 s")));
      asked.on("error", (error) => reject(new Error(`${error.message} (${asked.reusedSocket ? "kept" : "fresh"} connection)`)));
      asked.end(body);
    });
  }
}
