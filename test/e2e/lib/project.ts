import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Edge } from "./http.ts";
import { makeImagesOf } from "./images.ts";
import { Planned } from "./planned.ts";
import { must, run, type Ran, type RunOptions, until } from "./run.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const CLI = join(ROOT, "apps/create-breakwater/bin/create-breakwater.mjs");

export interface Ports {
  readonly http: number;
  readonly https: number;
}

/** A scaffolded project on disk with the settings of one test instance, and what can be done with it. */
export class Project extends Planned {
  readonly name: string;
  readonly ports: Ports;

  private constructor(dir: string, name: string, ports: Ports) {
    super(dir);
    this.name = name;
    this.ports = ports;
  }

  /** Scaffolds by the built CLI, as a user would, into the suite's own work folder. */
  static async scaffold(stack: string, name: string, ports: Ports, set: readonly string[] = []): Promise<Project> {
    const dir = join(ROOT, "test/e2e/.work", name);
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dirname(dir), { recursive: true });
    await must("node", [CLI, dir, "--stack", stack, "--yes", "--no-git", "--no-input", ...set.flatMap((one) => ["--set", one])]);
    await makeImagesOf(dir);
    return Project.open(name, ports);
  }

  static open(name: string, ports: Ports): Project {
    return Project.at(join(ROOT, "test/e2e/.work", name), name, ports);
  }

  /** One that stands elsewhere. */
  static at(dir: string, name: string, ports: Ports): Project {
    return new Project(dir, name, ports);
  }

  /** Writes .env as an operator would: from .env.example, with this instance's values. */
  configure(extra: Readonly<Record<string, string>> = {}): void {
    const values = {
      COMPOSE_PROJECT_NAME: this.name,
      PROXY_PORT: String(this.ports.http),
      PROXY_TLS_PORT: String(this.ports.https),
      // Twenty services asked every two seconds are more than two processors can answer.
      HEALTH_INTERVAL: process.env["E2E_HEALTH_INTERVAL"] ?? (this.services().length > 12 ? "6s" : "2s"),
      ...this.#subnets(),
      ...extra,
    };
    const lines = Object.entries(values).map(([key, value]) => `${key}=${value}`);
    writeFileSync(join(this.dir, ".env"), `${readFileSync(join(this.dir, ".env.example"), "utf8")}\n${lines.join("\n")}\n`, { mode: 0o600 });
  }

  /** Subnets of its own where the stack names some: several projects are on one engine. From pools that Docker does not hand out by itself. */
  #subnets(): Readonly<Record<string, string>> {
    const named = this.rows("networks.tsv").flatMap(([, , variable = "-"]) => (variable === "-" ? [] : [variable]));
    return Object.fromEntries(named.map((variable, index) => [variable, `10.${this.ports.http - 29_000}.${index}.0/24`]));
  }

  /** Seeds a defect: replaces text in a file, and fails when the text is not there. */
  patch(path: string, from: string | RegExp, to: string | ((match: string) => string)): void {
    const file = join(this.dir, path);
    const before = readFileSync(file, "utf8");
    const after = before.replace(from, to as string);
    if (after === before) throw new Error(`the defect does not apply: ${path} has no ${String(from)}`);
    writeFileSync(file, after);
  }

  /** Gives every service that runs the application's image these variables. */
  setEverywhere(variables: Readonly<Record<string, string>>): void {
    const lines = Object.entries(variables).map(([key, value]) => `  ${key}: ${value}\n`);
    this.patch("compose.yaml", /^x-\S+-environment: &\S+\n/gm, (match) => `${match}${lines.join("")}`);
  }

  ops(script: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ran> {
    return run(join(this.dir, "ops", script), args, { cwd: this.dir, timeout: 600_000, ...options });
  }

  async mustOps(script: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    const ran = await this.ops(script, args, options);
    if (ran.code !== 0) throw new Error(`ops/${script} ${args.join(" ")} ended with ${ran.code}\n${ran.out.slice(-6000)}\n${ran.err.slice(-6000)}`);
    return ran.out;
  }

  compose(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run("docker", ["compose", "-f", "compose.yaml", "-f", "compose.production.yaml", ...args], { cwd: this.dir, ...options });
  }

  async mustCompose(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const ran = await this.compose(args, options);
    if (ran.code !== 0) throw new Error(`docker compose ${args.join(" ")} ended with ${ran.code}\n${ran.err.slice(-4000)}`);
    return ran.out;
  }

  /** Service → container id, stopped ones too. */
  async containers(): Promise<ReadonlyMap<string, string>> {
    const out = await must("docker", [
      "ps",
      "-a",
      "--no-trunc",
      "--filter",
      `label=com.docker.compose.project=${this.name}`,
      "--format",
      '{{.Label "com.docker.compose.service"}} {{.ID}}',
    ]);
    return new Map(
      out
        .trim()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => line.split(" ") as [string, string]),
    );
  }

  async inspect(): Promise<readonly any[]> {
    const ids = [...(await this.containers()).values()];
    return JSON.parse(await must("docker", ["inspect", ...ids])) as readonly any[];
  }

  async health(service: string): Promise<string> {
    const id = (await this.containers()).get(service);
    if (id === undefined) return "missing";
    return (await must("docker", ["inspect", "-f", "{{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}", id])).trim();
  }

  /** The health of a service as soon as it is this, or what it is when the time is over. */
  becomes(service: string, state: string, milliseconds: number): Promise<string> {
    return until(
      () => this.health(service),
      (health) => health === state,
      milliseconds,
    );
  }

  /** What the API's health answers through the edge: 200 as soon as it does, or else the last status; 0 is no answer. */
  answers(milliseconds = 60_000): Promise<number> {
    const ask = () => this.edge().call("/api/v1/health/");
    return until(
      () =>
        ask().then(
          ({ status }) => status,
          () => 0,
        ),
      (status) => status === 200,
      milliseconds,
    );
  }

  /** Starts the rotation of a secret and kills it the moment it says that it has done this step. */
  rotationKilledAfter(step: string, secret: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn(join(this.dir, "ops/secrets"), ["rotate", secret], { cwd: this.dir, stdio: ["ignore", "pipe", "pipe"] });
      let said = "";
      let killed = false;
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes(`  ${step}:`)) killed = child.kill("SIGKILL");
      });
      child.on("error", reject);
      child.on("close", () => (killed ? resolve() : reject(new Error(`it was over before ${step}: ${said}`))));
    });
  }

  /** The last lines a service wrote, straight from the engine: Compose adds terminal codes of its own. */
  async logs(service: string, lines = 300): Promise<string> {
    const ran = await run("docker", ["logs", "--tail", String(lines), (await this.containers()).get(service) ?? ""]);
    return ran.out + ran.err;
  }

  edge(): Edge {
    return new Edge(this.ports.https, join(this.dir, "tls/ca.crt"));
  }

  plain(): Edge {
    return new Edge(this.ports.http);
  }

  secret(name: string): string {
    return readFileSync(join(this.dir, "secrets", this.secretName(name)), "utf8");
  }

  /** The container of the service with this role or capability. */
  async container(word: string): Promise<string> {
    return (await this.containers()).get(this.service(word)) ?? "";
  }

  /** The container of this role that runs, of whichever copy. */
  async runningCopy(word: string): Promise<string> {
    const copies = this.copiesOf(this.service(word));
    const found = (await this.inspect()).find((one) => one.State.Running && copies.includes(one.Config.Labels["com.docker.compose.service"]));
    if (found === undefined) throw new Error(`none of ${copies.join(", ")} runs`);
    return found.Id as string;
  }

  /** SQL as the superuser, inside the database's container. */
  sql(text: string, database = "app"): Promise<string> {
    return this.sqlAt("sql", text, database);
  }

  /** The same, in the database with this capability. */
  async sqlAt(word: string, text: string, database = "app"): Promise<string> {
    const psql = 'PGPASSWORD=$(</run/secrets/postgres_password) exec psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -U postgres -d "$0"';
    return must("docker", ["exec", "-i", await this.container(word), "bash", "-c", psql, database], { input: text });
  }

  /** Removes containers, volumes, networks and images of this project, and nothing else. */
  async destroy(): Promise<void> {
    if (existsSync(join(this.dir, "compose.yaml"))) await this.compose(["down", "--volumes", "--remove-orphans", "--timeout", "5", "--rmi", "local"]);
    const left = (await must("docker", ["ps", "-aq", "--filter", `label=com.docker.compose.project=${this.name}`])).trim();
    if (left !== "") await run("docker", ["rm", "-f", "-v", ...left.split("\n")]);
    for (const kind of ["volume", "network"]) {
      const ids = (await must("docker", [kind, "ls", "-q", "--filter", `label=com.docker.compose.project=${this.name}`])).trim();
      if (ids !== "") await run("docker", [kind, "rm", ...ids.split("\n")]);
    }
    const images = (await must("docker", ["images", "-q", "--filter", `reference=${this.name}/*`])).trim();
    if (images !== "") await run("docker", ["rmi", "-f", ...new Set(images.split("\n"))]);
  }

  copyTo(name: string, ports: Ports): Project {
    const other = Project.open(name, ports);
    rmSync(other.dir, { recursive: true, force: true });
    // At the top alone: ops/secrets and ops/tls are scripts.
    const own = ["secrets", "tls", "instances", ".env"].map((path) => join(this.dir, path));
    cpSync(this.dir, other.dir, { recursive: true, filter: (source) => !own.includes(source) });
    return other;
  }
}
