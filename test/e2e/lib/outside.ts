import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { must, run } from "./run.ts";

const E2E = join(dirname(fileURLToPath(import.meta.url)), "..");
const LABEL = ["--label", "io.breakwater.e2e=outside"];

/**
 * A server outside every project, in a container of its own: on an address of the host, with a certificate of its own
 * authority, and a volume /data that lasts until it is destroyed.
 */
export class Outside {
  readonly name: string;
  readonly port: number;
  readonly tls: string;
  host = "";

  constructor(name: string, port: number) {
    this.name = name;
    this.port = port;
    this.tls = join(E2E, ".work", name);
  }

  get url(): string {
    return `https://${this.host}:${this.port}`;
  }

  get authority(): Buffer {
    return readFileSync(join(this.tls, "ca.crt"));
  }

  /** Options for `docker run`; then what runs. */
  async start(options: readonly string[], image: string, command: readonly string[]): Promise<void> {
    await this.destroy();
    this.host = await hostOnTheBridge();
    await this.#certificate();
    await must("docker", ["volume", "create", ...LABEL, this.name]);
    const mounts = [`${this.tls}:/tls:ro`, `${join(E2E, "lib")}:/lab:ro`, `${this.name}:/data`].flatMap((mount) => ["-v", mount]);
    const where = ["-p", `${this.host}:${this.port}:${this.port}`, ...mounts];
    await must("docker", ["run", "-d", "--name", this.name, ...LABEL, ...where, ...options, image, ...command]);
  }

  async ask(method: string, path: string, body?: unknown, headers: readonly string[] = []): Promise<{ readonly status: number; readonly body: any }> {
    const data = body === undefined ? [] : ["--data-binary", JSON.stringify(body)];
    const given = headers.flatMap((header) => ["-H", header]);
    const out = [
      "-s",
      "-m",
      "10",
      "--cacert",
      join(this.tls, "ca.crt"),
      "-X",
      method,
      "-w",
      "\n%{http_code}",
      ...given,
      ...data,
      `${this.url}${path}`,
    ];
    const lines = (await run("curl", out)).out.split("\n");
    const status = Number(lines.pop());
    const text = lines.join("\n");
    return { status, body: text.trim().startsWith("{") ? JSON.parse(text) : text };
  }

  async down(): Promise<void> {
    await must("docker", ["stop", "-t", "1", this.name]);
  }

  async up(): Promise<void> {
    await must("docker", ["start", this.name]);
  }

  /** While this goes on it answers by fits and starts, so that who asks lives long enough to be looked at. */
  async haltingly<T>(work: Promise<T>): Promise<T> {
    const over = new AbortController();
    const done = work.finally(() => over.abort());
    while (!over.signal.aborted) {
      await must("docker", ["pause", this.name]);
      await new Promise((wake) => setTimeout(wake, 500));
      await must("docker", ["unpause", this.name]);
      await new Promise((wake) => setTimeout(wake, 200));
    }
    return done;
  }

  async destroy(): Promise<void> {
    await run("docker", ["rm", "-f", "-v", this.name]);
    await run("docker", ["volume", "rm", "-f", this.name]);
    rmSync(this.tls, { recursive: true, force: true });
  }

  async #certificate(): Promise<void> {
    mkdirSync(this.tls, { recursive: true });
    writeFileSync(join(this.tls, "names"), `subjectAltName=IP:${this.host},DNS:outside.test\n`);
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    await must(
      "sh",
      [
        "-ec",
        `openssl req -x509 ${key} -keyout ca.key -out ca.crt -days 2 -subj '/CN=authority outside' -addext basicConstraints=critical,CA:TRUE
        openssl req ${key} -keyout server.key -out server.csr -subj '/CN=outside'
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile names; chmod 0644 *`,
      ],
      { cwd: this.tls },
    );
  }
}

/** True when the engine has this image. */
export async function isThere(image: string): Promise<boolean> {
  return (await run("docker", ["image", "inspect", image])).code === 0;
}

/** The host's address on the engine's own bridge. An engine that was just installed tells the subnet alone; the bridge has its first address. */
async function hostOnTheBridge(): Promise<string> {
  const told = await must("docker", ["network", "inspect", "bridge", "-f", "{{with index .IPAM.Config 0}}{{.Gateway}}|{{.Subnet}}{{end}}"]);
  const [gateway = "", subnet = ""] = told.trim().split("|");
  return gateway === "" ? subnet.replace(/0\/\d+$/, "1") : gateway;
}
