import { readFileSync } from "node:fs";
import { type Agent, request as plain } from "node:http";
import { request as secure, type RequestOptions } from "node:https";
import { connect, type SecureVersion } from "node:tls";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly protocol: string | null;
}

export interface Call {
  readonly method?: string;
  /** JSON, or a text that is sent as it stands. */
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: SecureVersion;
  /** The name in the handshake; the Host header is another matter. */
  readonly servername?: string;
  /** Milliseconds without a word; 30,000. */
  readonly patience?: number;
  /** Keeps connections for many calls. */
  readonly agent?: Agent;
}

/** A client of one edge on loopback: trusts the project's own CA and nothing else, keeps cookies. */
export class Edge {
  readonly #cookies = new Map<string, string>();
  /** Sent with every call: what a login gave that is no cookie. */
  readonly headers: Record<string, string> = {};
  readonly port: number;
  readonly #ca: Buffer | undefined;

  constructor(port: number, caFile?: string) {
    this.port = port;
    this.#ca = caFile === undefined ? undefined : readFileSync(caFile);
  }

  call(path: string, call: Call = {}): Promise<Answer> {
    const payload = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
    const token = this.#cookies.get("csrftoken");
    const options: RequestOptions = {
      host: "127.0.0.1",
      port: this.port,
      path,
      method: call.method ?? "GET",
      servername: call.servername ?? "localhost",
      agent: call.agent ?? false,
      headers: {
        host: `localhost:${this.port}`,
        ...(payload === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(payload)) }),
        ...(this.#cookies.size === 0 ? {} : { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ") }),
        ...(token === undefined ? {} : { "x-csrftoken": token }),
        ...(this.#ca === undefined ? {} : { origin: `https://localhost:${this.port}`, referer: `https://localhost:${this.port}/` }),
        ...this.headers,
        ...call.headers,
      },
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
      ...(call.tls === undefined ? {} : { minVersion: call.tls, maxVersion: call.tls }),
      timeout: call.patience ?? 30_000,
    };
    return new Promise((resolve, reject) => {
      const request = (this.#ca === undefined ? plain : secure)(options, (response) => {
        const chunks: Buffer[] = [];
        // Now: a connection that is kept goes back to its agent at the end.
        const protocol = (response.socket as { getProtocol?: () => string | null }).getProtocol?.() ?? null;
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          for (const cookie of response.headers["set-cookie"] ?? []) {
            const [name, ...value] = (cookie.split(";")[0] ?? "").split("=");
            if (name !== undefined) this.#cookies.set(name, value.join("="));
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString(), protocol });
        });
      });
      request.on("timeout", () => request.destroy(new Error(`${path} did not answer in time`)));
      request.on("error", reject);
      request.end(payload);
    });
  }

  async json<T = any>(path: string, call: Call = {}): Promise<{ readonly status: number; readonly data: T; readonly headers: Answer["headers"] }> {
    const answer = await this.call(path, call);
    return { status: answer.status, data: (answer.body === "" ? null : JSON.parse(answer.body)) as T, headers: answer.headers };
  }

  /** What the edge answers to these very bytes: for requests that no client library would send. */
  raw(text: string): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port: this.port, servername: "localhost", ...(this.#ca === undefined ? {} : { ca: this.#ca }) });
      let said = "";
      socket.setTimeout(10_000, () => socket.destroy());
      socket.on("secureConnect", () => socket.write(text));
      socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
      socket.on("error", reject);
      socket.on("close", () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1] ?? 0), text: said }));
    });
  }
}
