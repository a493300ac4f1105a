import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";

import type { Application, Person, Sent } from "../apps/application.ts";
import type { Project } from "./project.ts";

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

/** As many requests as may wait for an answer at a time: a machine that is too slow for the rate gets less, not a queue without end. */
const IN_FLIGHT = 40;

/** A constant load on the edge until `stop` is called: one request in eight on a fresh connection, the people in turn. */
export class Load {
  readonly #port: number;
  readonly #ca: Buffer;
  readonly #application: Application;
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

  constructor(project: Project, application: Application, people: readonly Person[], shape: Shape) {
    this.#port = project.ports.https;
    this.#ca = readFileSync(join(project.dir, "tls/ca.crt"));
    this.#application = application;
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
    const sent = this.#sentFor(kind, number);
    const wanted = kind === "write" ? [201, this.#application.taken] : [200];
    if (kind === "write") this.#writes++;
    const answer = await this.#ask(sent, person, Math.floor(number / this.#people.length) % 8 !== 0).catch((error: unknown) => String(error));
    if (typeof answer === "string") this.#failed.push(`${began} ${kind}: ${answer}`);
    else if (!wanted.includes(answer.status)) this.#failed.push(`${began} ${kind}: ${answer.status} ${answer.text.slice(0, 200)}`);
    else if (kind === "write") this.#made.push(this.#application.idOf(answer.text));
  }

  #sentFor(kind: Kind, number: number): Sent {
    if (kind === "write") return this.#application.write(`${TITLE}${number}`);
    return { path: kind === "page" ? "/" : this.#application.paths.things, method: "GET", headers: {}, body: "" };
  }

  #ask(sent: Sent, person: Person, kept: boolean): Promise<{ readonly status: number; readonly text: string }> {
    const headers = {
      host: `localhost:${this.#port}`,
      ...person.headers,
      origin: `https://localhost:${this.#port}`,
      ...sent.headers,
      ...(sent.body === "" ? {} : { "content-length": String(Buffer.byteLength(sent.body)) }),
    };
    const where = { host: "127.0.0.1", port: this.#port, servername: "localhost", ca: this.#ca, agent: kept ? this.#kept : false } as const;
    return new Promise((resolve, reject) => {
      const asked = request({ ...where, path: sent.path, method: sent.method, headers, timeout: 30_000 }, (response) => {
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
      asked.end(sent.body);
    });
  }
}
