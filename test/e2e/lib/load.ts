import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";

/** What a load saw: every request that was not answered with 2xx counts as failed, with its time and reason. */
export interface LoadResult {
  readonly sent: number;
  readonly failed: readonly string[];
  readonly perSecond: number;
  /** Which releases answered, in the order in which they were first seen. */
  readonly releases: readonly string[];
  /** Titles that were written, and that the server confirmed. */
  readonly written: readonly string[];
}

export interface Session {
  readonly cookies: string;
  readonly csrf: string;
}

/**
 * A constant load on one edge on loopback until `stop`: `rate` requests a second, one in ten a write, half of the reads
 * over kept connections and half over fresh ones. No request is repeated: what fails, failed.
 */
export class Load {
  readonly #failed: string[] = [];
  readonly #releases = new Set<string>();
  readonly #written: string[] = [];
  readonly #kept = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #pending = new Set<Promise<void>>();
  readonly #ca: Buffer;
  readonly #started = Date.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #due = 0;

  readonly #port: number;
  readonly #session: Session;
  readonly #name: string;

  constructor(port: number, caFile: string, session: Session, name: string, rate = 200) {
    this.#port = port;
    this.#session = session;
    this.#name = name;
    this.#ca = readFileSync(caFile);
    // Catches up after a pause of this process, so that the rate is the rate.
    this.#timer = setInterval(() => {
      const wanted = Math.min(((Date.now() - this.#started) / 1000) * rate, this.#due + rate / 4);
      while (this.#due < wanted) {
        this.#due++;
        const one = this.#one(this.#due).finally(() => this.#pending.delete(one));
        this.#pending.add(one);
      }
    }, 20);
  }

  async stop(): Promise<LoadResult> {
    clearInterval(this.#timer);
    const seconds = (Date.now() - this.#started) / 1000;
    await Promise.all(this.#pending);
    this.#kept.destroy();
    return { sent: this.#sent, failed: this.#failed, perSecond: this.#sent / seconds, releases: [...this.#releases], written: this.#written };
  }

  async #one(number: number): Promise<void> {
    const fresh = number % 2 === 0;
    if (number % 10 !== 0) return this.#send(number % 5 === 1 ? "/api/v1/articles/" : "/", fresh);
    const title = `${this.#name}-${number}`;
    return this.#send("/api/v1/articles/", fresh, { title, body: "Written under load." });
  }

  #send(path: string, fresh: boolean, body?: { readonly title: string; readonly body: string }): Promise<void> {
    this.#sent++;
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      host: `localhost:${this.#port}`,
      cookie: this.#session.cookies,
      ...(payload === undefined
        ? {}
        : {
            "content-type": "application/json",
            "content-length": String(Buffer.byteLength(payload)),
            "x-csrftoken": this.#session.csrf,
            origin: `https://localhost:${this.#port}`,
            referer: `https://localhost:${this.#port}/`,
          }),
    };
    return new Promise((resolve) => {
      const fail = (reason: string) => {
        this.#failed.push(`${((Date.now() - this.#started) / 1000).toFixed(1)} s ${payload === undefined ? "GET" : "POST"} ${path}: ${reason}`);
        resolve();
      };
      const agent = fresh ? false : this.#kept;
      const options = {
        host: "127.0.0.1",
        port: this.#port,
        path,
        method: payload === undefined ? "GET" : "POST",
        servername: "localhost",
        ca: this.#ca,
        agent,
        headers,
        timeout: 20_000,
      };
      const call = request(options, (response) => {
        response.resume();
        response.on("error", (error) => fail(String(error)));
        response.on("end", () => {
          const release = response.headers["x-release"];
          if (typeof release === "string") this.#releases.add(release);
          const status = response.statusCode ?? 0;
          if (status < 200 || status > 299) return fail(String(status));
          if (body !== undefined) this.#written.push(body.title);
          resolve();
        });
      });
      call.on("timeout", () => call.destroy(new Error("no answer in 20 s")));
      call.on("error", (error) => fail(String(error)));
      call.end(payload);
    });
  }
}
