import { cpSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";

import { ANSWERS, seedDefect } from "../../defects/apply.ts";
import type { Person } from "../apps/application.ts";
import { Load } from "../lib/load.ts";
import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const ports = { http: stack.ports.http + 5, https: stack.ports.https + 5 };
const PASSED = { timeout: 900_000 };
const POOL = 12;

interface Saw {
  readonly clients: number;
  readonly failed: readonly string[];
  readonly most: number;
  readonly waited: number | string;
}

stacksWith("PgBouncer", stack.application.clients !== undefined).describe("PgBouncer, on a stack of its own", () => {
  let project: Project;
  let people: readonly Person[] = [];
  let saw: Saw;

  const exec = async (service: string, command: readonly string[], input = "") => {
    const ran = await run("docker", ["exec", "-i", (await project.containers()).get(service) ?? "", ...command], { input });
    return ran.out + ran.err;
  };
  /** Asked of PostgreSQL itself, by its superuser. */
  const sql = (text: string) => project.sql(text);
  const started = async () =>
    (await project.inspect()).map((one) => `${one.Config.Labels["com.docker.compose.service"]} ${one.State.StartedAt}`).toSorted();
  const back = async (limit: number) => {
    const began = Date.now();
    expect(await project.answers(limit)).toBe(200);
    return Date.now() - began;
  };
  const load = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const running = new Load(project, application, people, { rate: 8.9, mix: ["read", "read", "write"] });
    let result: T;
    try {
      result = await work();
      await new Promise((wake) => setTimeout(wake, 2_000));
    } finally {
      const loaded = await running.stop();
      console.log(`${what}: ${loaded.sent} requests, ${loaded.writes} writes, ${loaded.failed.length} failed`);
      expect(loaded.failed).toEqual([]);
      expect(loaded.sent).toBeGreaterThan(5);
    }
    return result;
  };

  beforeAll(async () => {
    const name = `${stack.instance}-pool`;
    for (const old of [name, `${name}-on`]) await Project.open(old, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports);
    project.configure({ PGBOUNCER_POOL_SIZE: String(POOL) });
    expect((await project.ops("up", ["--production", "--build"], PASSED)).code).toBe(0);
    await application.signIn(project, 1, "before");
    // The option comes to a project that has run: its files over the others, volumes and secrets stay.
    const on = await Project.scaffold(stack.id, `${name}-on`, ports, ANSWERS["pgbouncer"]);
    cpSync(on.dir, project.dir, { recursive: true });
    project.patch("nginx/plan/limits.conf", /rate=\d+r\/m/g, "rate=60000r/m");
    project.patch("nginx/plan/locations.conf", /burst=\d+/g, "burst=2000");
    seedDefect(project, "pgbouncer");
    const up = await project.ops("up", ["--production", "--build"], PASSED);
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    people = await application.signIn(project, 12, "pooled");
    const out = await exec(project.service("app"), ["python", "-"], application.clients ?? "");
    saw = JSON.parse(/SAW (.*)/.exec(out)?.[1] ?? `{"failed":[${JSON.stringify(out.slice(-500))}]}`) as Saw;
    console.log(`200 clients: ${JSON.stringify(saw)}`);
  });
  afterAll(() => project.destroy());

  it("PROD-13 switched on for a project that has run, nothing is lost and nobody does anything by hand", async () => {
    expect(await application.people(project)).toBeGreaterThan(12);
    expect(await project.health("pgbouncer")).toBe("healthy");
    const health = await project.ops("health", ["--wait", "60"]);
    expect(health.code, health.out + health.err).toBe(0);
  });

  it("PROD-13 200 clients share a bounded number of server connections", () => {
    expect([saw.clients, saw.failed]).toEqual([200, []]);
    expect(saw.most).toBeLessThanOrEqual(POOL);
    expect(saw.most).toBeGreaterThan(2);
  });

  it("PROD-13 idle clients hold no server connection", async () => {
    expect(saw.waited).toBeLessThan(3);
    expect(await exec("pgbouncer", ["/opt/pgbouncer/bin/show", "pools", "--csv"])).toMatch(/^app,app,.*,transaction/m);
  });

  it("PROD-13 the application reaches PostgreSQL through the pooler alone", async () => {
    const pooler = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === "pgbouncer");
    const address = pooler.NetworkSettings.Networks[`${project.name}_${project.networksOf(project.service("database"))[0]}`].IPAddress as string;
    expect(await project.answers(0)).toBe(200);
    expect(await sql("select distinct client_addr from pg_stat_activity where usename = 'app'")).toBe(`${address}\n`);
    const reach = `import socket\ntry: socket.create_connection(('${project.service("database")}', 5432), 2); print('OPEN')\nexcept OSError as error: print('CLOSED', error)`;
    for (const service of project.withRoles("app", "worker")) expect(await exec(service, ["python", "-c", reach])).toContain("CLOSED");
    const isolation = await project.ops("isolation", [], PASSED);
    expect(isolation.code, isolation.out + isolation.err).toBe(0);
    // What needs a session goes to PostgreSQL itself.
    const config = await project.mustCompose(["config", "--format", "json"]);
    const services = (JSON.parse(config) as { services: Record<string, { environment: Record<string, string> }> }).services;
    const [migrations, backup, database] = [project.service("migrations"), project.service("backup"), project.service("database")];
    expect([services[migrations]?.environment["DB_HOST"], services[backup]?.environment["DB_HOST"]]).toEqual([database, database]);
    expect(services[migrations]?.environment["DB_TRANSACTION_POOLER"]).toBeUndefined();
  });

  it("PROD-13 a statement that never ends is cut off behind the pooler too", async () => {
    const said = await application.settings(project, ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone"]);
    for (const line of ["statement_timeout 15s", "lock_timeout 5s", "idle_in_transaction_session_timeout 30s", "TimeZone UTC"])
      expect(said).toContain(line);
  });

  it("PROD-13 the admin console answers nobody on the network", async () => {
    const ask = (user: string) =>
      `import psycopg\ntry:\n psycopg.connect(host='pgbouncer', port=6432, dbname='pgbouncer', user='${user}', password=open('/run/secrets/db_app_password').read().strip(), autocommit=True).execute('show pools'); print('ANSWERED')\nexcept psycopg.Error as error: print('REFUSED', error)`;
    for (const user of ["app", "pgbouncer", "postgres"])
      expect(await exec(project.service("app"), ["python", "-c", ask(user)]), user).toContain("REFUSED");
  });

  it("PROD-13 db_app_password is rotated under load without a failed request", async () => {
    const before = await started();
    const old = project.secret("db_app_password");
    await load("rotate db_app_password", () => project.mustOps("secrets", ["rotate", "db_app_password"]));
    expect(await started()).toEqual(before);
    // New connections on both sides, with what is in the file now.
    await sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'app'");
    await back(10_000);
    const refused = `import psycopg, os\ntry: psycopg.connect(host='pgbouncer', port=6432, dbname='app', user='app', password='${old}'); print('OPEN')\nexcept psycopg.Error as error: print(error)`;
    expect(await exec(project.service("app"), ["python", "-"], refused)).toContain("SASL authentication failed");
  });

  it("PROD-13 a pooler that starts in the middle of a rotation finds the password that is good", async () => {
    await load("a rotation that is killed", () => project.rotationKilledAfter("changed", "db_app_password"));
    await project.mustCompose(["restart", "pgbouncer"], PASSED);
    await back(20_000);
    await load("and finished", () => project.mustOps("secrets", ["rotate", "db_app_password"]));
    expect((await project.ops("secrets", ["check"])).code).toBe(0);
  });

  it("PROD-13 a killed pooler comes back, and so does a database that restarts, without a restart of the application", async () => {
    const others = async () =>
      (await started()).filter((line) => ![project.service("pooler"), project.service("database")].some((name) => line.startsWith(`${name} `)));
    const before = await others();
    await exec("pgbouncer", ["bash", "-c", "kill -9 $(pidof pgbouncer)"]);
    const killed = await back(20_000);
    await project.mustCompose(["restart", project.service("database")], PASSED);
    const restarted = await back(20_000);
    console.log(`back after a kill of the pooler in ${killed} ms, after a restart of the database in ${restarted} ms`);
    expect(await project.becomes("pgbouncer", "healthy", 30_000)).toBe("healthy");
    expect(await others()).toEqual(before);
    await load("afterwards", () => new Promise((wake) => setTimeout(wake, 2_000)));
  });

  it("PROD-13 a deploy behind the pooler loses no request", PASSED, async () => {
    for (const service of application.images) await must("docker", ["tag", `${project.name}/${service}:dev`, `${project.name}/${service}:1.0.1`]);
    const before = (await started()).find((line) => line.startsWith("pgbouncer "));
    const said = await load("a deploy", () => project.mustOps("deploy", ["1.0.1", "--no-build"], PASSED));
    expect(said).toContain("1.0.1");
    expect((await started()).find((line) => line.startsWith("pgbouncer "))).toBe(before);
  });
});
