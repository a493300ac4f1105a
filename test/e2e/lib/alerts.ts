import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Project } from "./project.ts";
import { must, run, type Ran, until } from "./run.ts";

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly state: string;
}

/** What the tests ask of a project's monitoring: by its own script, as an operator would. */
export class Alerts {
  readonly project: Project;

  constructor(project: Project) {
    this.project = project;
  }

  /** Figures every two seconds, and alerts after four instead of after minutes; what they compare stays as it is. */
  hurry(): void {
    this.project.patch("services/prometheus/prometheus.yml", /(scrape|evaluation)_interval: 15s/g, (match) => match.replace("15s", "2s"));
    this.project.patch("services/prometheus/prometheus.yml", "scrape_timeout: 10s", "scrape_timeout: 2s");
    this.project.patch("services/prometheus/prometheus.yml", "refresh_interval: 30s", "refresh_interval: 2s");
    for (const file of this.ruleFiles()) {
      this.project.patch(file, /for: \d+m/g, "for: 4s");
      if (file.endsWith("application.yml")) this.project.patch(file, /\[5m\]/g, "[15s]");
    }
  }

  ruleFiles(): readonly string[] {
    return readdirSync(join(this.project.dir, "services/prometheus/rules")).map((name) => `services/prometheus/rules/${name}`);
  }

  /** The alerts that the rules promise. */
  names(): readonly string[] {
    return this.ruleFiles()
      .flatMap((file) => [...readFileSync(join(this.project.dir, file), "utf8").matchAll(/- alert: (\w+)/g)].map((match) => match[1] ?? ""))
      .toSorted();
  }

  /** One line a series, as promtool prints them. */
  async query(question: string): Promise<readonly string[]> {
    const out = await this.project.mustOps("alerts", ["--query", question]);
    return out
      .trim()
      .split("\n")
      .filter((line) => line !== "");
  }

  async firing(): Promise<readonly Alert[]> {
    const ran = await this.project.ops("alerts", ["--json"]);
    if (ran.code !== 0 && ran.code !== 3) throw new Error(ran.out + ran.err);
    return (JSON.parse(ran.out) as { data: { alerts: readonly Alert[] } }).data.alerts.filter((alert) => alert.state === "firing");
  }

  async namesThatFire(): Promise<readonly string[]> {
    return (await this.firing()).map((alert) => alert.labels["alertname"] ?? "");
  }

  async fires(name: string, wanted: boolean, milliseconds = 45_000): Promise<boolean> {
    const names = await until(
      () => this.namesThatFire(),
      (found) => found.includes(name) === wanted,
      milliseconds,
    );
    return names.includes(name);
  }

  /** A shell in a service's container. */
  async shell(service: string, script: string, input = ""): Promise<Ran> {
    return run("docker", ["exec", "-i", (await this.project.containers()).get(service) ?? "", "sh", "-c", script], { input });
  }

  async sql(text: string, role = "postgres", secret = "postgres_password"): Promise<Ran> {
    const psql = `PGPASSWORD=$(cat /run/secrets/${secret}) exec psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -U ${role} -d app`;
    return this.shell(this.project.service("sql"), psql, text);
  }

  async redis(user: string, secret: string, commands: string): Promise<string> {
    return (
      await this.shell(this.project.service("broker"), "redis-cli -s /tmp/redis.sock", `AUTH ${user} ${this.project.secret(secret)}\n${commands}\n`)
    ).out;
  }

  /** A certificate of the project's own CA that ends in so many days, served from now on; gives the way back. */
  async certificate(days: number): Promise<() => Promise<void>> {
    const script = `set -eu; cd "$1"; cp -p edge/server.crt edge/server.key "$2"
      openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout "$2/key" -out "$2/csr" 2>/dev/null
      printf 'subjectAltName=DNS:localhost\\n' >"$2/ext"
      openssl x509 -req -in "$2/csr" -CA ca.crt -CAkey ca/ca.key -CAcreateserial -CAserial "$2/serial" -days ${days} -extfile "$2/ext" -out "$2/crt" 2>/dev/null
      cat "$2/key" >edge/server.key; cat "$2/crt" >edge/server.crt`;
    const kept = (await must("mktemp", ["-d"])).trim();
    const reload = async () => must("docker", ["kill", "-s", "HUP", await this.project.container("edge")]);
    await must("sh", ["-c", script, "sh", join(this.project.dir, "tls"), kept]);
    await reload();
    return async () => {
      await must("sh", [
        "-c",
        'cat "$2/server.crt" >"$1/edge/server.crt"; cat "$2/server.key" >"$1/edge/server.key"; rm -rf "$2"',
        "sh",
        join(this.project.dir, "tls"),
        kept,
      ]);
      await reload();
    };
  }
}
