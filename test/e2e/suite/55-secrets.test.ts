import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Person } from "../apps/application.ts";
import { Load, type Loaded, type Shape, TITLE } from "../lib/load.ts";
import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const DATABASE_ROLES = project.databaseRoles();
const ROLES: Readonly<Record<string, string>> =
  DATABASE_ROLES.length === 0
    ? { mongo_app_password: "app", mongo_owner_password: "app_owner", mongo_root_password: "root" }
    : Object.fromEntries(DATABASE_ROLES.map(({ secret, role }) => [secret, role]));
const BROKER = project.find("broker");

/** The password of the role that the API has, and the services that log in with it. */
const OWN = Object.keys(ROLES)[0] ?? "";
const READERS = project.consumersOf(OWN).join("|");
const LEAKED = BROKER === undefined ? OWN : "redis_password";

/** Below the 600 a minute of the edge for one address, and the 100 a minute of the API for one person. */
const PEOPLE = 12;
const SHAPE: Shape = { rate: application.bearsRotation ?? 8.9, mix: ["read", "read", "write"] };

async function inContainer(service: string, command: readonly string[], input = ""): Promise<string> {
  const ran = await run("docker", ["exec", "-i", (await project.containers()).get(service) ?? "", ...command], { input });
  return ran.out + ran.err;
}

/** Does PostgreSQL, or Redis, take this value? Asked without any script of ops/. */
async function logsIn(name: string, value: string): Promise<boolean> {
  if (name === "redis_password")
    return (await inContainer(project.service("broker"), ["redis-cli", "-s", "/tmp/redis.sock"], `AUTH app ${value}\nPING\n`)).includes("PONG");
  if (project.find("sql") === undefined) {
    const id = (await project.containers()).get(project.service("database")) ?? "";
    return (await run("docker", ["exec", "-i", id, "/opt/login", "try", ROLES[name] ?? ""], { input: value })).code === 0;
  }
  const login = `umask 077; IFS= read -r p; printf '*:*:*:*:%s\\n' "$p" >/tmp/.e2e; PGPASSFILE=/tmp/.e2e psql -w -X -h 127.0.0.1 -U ${ROLES[name]} -d postgres -Atc 'select 41+1'; rm -f /tmp/.e2e`;
  const at = DATABASE_ROLES.find((one) => one.secret === name)?.at ?? project.service("database");
  const said = await inContainer(at, ["bash", "-c", login], `${value}\n`);
  return said.includes("42") || said.includes("permission denied for database");
}

const started = async () =>
  (await project.inspect()).map((one) => `${one.Config.Labels["com.docker.compose.service"]} ${one.State.StartedAt}`).toSorted();
const well = async () => (await project.ops("health", ["--wait", "90"])).code;

/** Runs something under load; the figures are printed, and every failed request is told. */
async function underLoad<T>(what: string, people: readonly Person[], work: () => Promise<T>): Promise<T> {
  const running = new Load(project, application, people, SHAPE);
  let result: T;
  let loaded: Loaded;
  try {
    result = await work();
    // Some more requests after it: a reader that was left behind shows late.
    await new Promise((wake) => setTimeout(wake, 2_000));
  } finally {
    loaded = await running.stop();
  }
  console.log(`${what}: ${loaded.sent} requests (${loaded.perSecond.toFixed(1)}/s, ${loaded.writes} writes), ${loaded.failed.length} failed`);
  expect(loaded.failed).toEqual([]);
  expect(loaded.sent).toBeGreaterThan(5);
  written.push(...loaded.made);
  gone.push(...((await application.takeAway?.(project, TITLE)) ?? []));
  return result;
}
/** What the server confirmed to have made, and what of it was taken away between loads, its job done. */
const written: string[] = [];
const gone: string[] = [];

describe("secrets, while people work", () => {
  let people: readonly Person[] = [];
  beforeAll(async () => {
    people = await application.signIn(project, PEOPLE, "load");
    expect(await well()).toBe(0);
  });

  it("the load by itself fails no request", () => underLoad("nothing", people, () => new Promise((wake) => setTimeout(wake, 5_000))));

  it.each([...Object.keys(ROLES), ...(BROKER === undefined ? [] : ["redis_password"])])(
    "SHOP-8 a rotation under load fails no request, restarts nothing, and refuses the old value: %s",
    async (name) => {
      const old = project.secret(name);
      const before = await started();
      expect(await logsIn(name, old)).toBe(true);
      const said = await underLoad(`rotate ${name}`, people, () => project.mustOps("secrets", ["rotate", name]));
      const fresh = project.secret(name);
      expect(fresh).toMatch(/^[0-9a-f]{64}$/);
      expect(fresh).not.toBe(old);
      expect([await logsIn(name, fresh), await logsIn(name, old)]).toEqual([true, false]);
      expect(said).not.toContain(fresh);
      expect(await started()).toEqual(before);
      if (BROKER !== undefined) expect(readFileSync(join(project.dir, "secrets/redis_acl"), "utf8")).not.toContain(fresh);
    },
  );

  stacksWith("a signing key", application.signing !== undefined).it(
    "SHOP-8 the signing key is rotated under load, and nobody is logged out until the old one is retired",
    async () => {
      const signing = application.signing ?? "";
      const absent = await application.signIn(project, 1, "absent");
      const before = await started();
      await underLoad(`rotate ${signing}`, people, () => project.mustOps("secrets", ["rotate", signing]));
      const me = (person: Person | undefined) => project.edge().call(application.paths.things, { headers: person?.headers ?? {} });
      expect((await me((await application.signIn(project, 1, "newcomer"))[0])).status).toBe(200);
      await underLoad(`retire ${signing}`, people, () => project.mustOps("secrets", ["retire", signing]));
      // Who came by meanwhile has a session of the new key; who did not is asked to log in.
      expect((await me(absent[0])).status).toBeGreaterThanOrEqual(401);
      expect(await started()).toEqual(before);
    },
  );

  stacksWith("SQL", project.find("sql") !== undefined).it("SHOP-8 processes that were never restarted log in with the new values", async () => {
    const before = await started();
    await project.mustOps("secrets", ["rotate", OWN]);
    const kill = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'app'";
    expect(Number(await project.sql(kill, "postgres"))).toBeGreaterThan(0);
    if (BROKER !== undefined) await must("docker", ["restart", "--time", "20", await project.container("broker")]);
    expect(await well()).toBe(0);
    const others = (line: string) => BROKER === undefined || !line.startsWith(`${BROKER} `);
    expect((await started()).filter(others)).toEqual(before.filter(others));
    await underLoad("after every connection was cut", people, () => new Promise((wake) => setTimeout(wake, 3_000)));
  });

  it("SHOP-8 a rotation that is killed at any step fails no request, and is finished by the next run", async () => {
    const old = project.secret(OWN);
    await underLoad("three kills", people, async () => {
      for (const step of ["offered", "changed", "adopted"]) await project.rotationKilledAfter(step, OWN);
      const check = await project.ops("secrets", ["check"]);
      expect([check.code, check.out]).toEqual([3, expect.stringContaining(`the rotation of ${OWN} is not finished`)]);
      expect(await project.mustOps("secrets", ["rotate", OWN])).toContain("finishing the rotation");
    });
    expect([await logsIn(OWN, project.secret(OWN)), await logsIn(OWN, old)]).toEqual([true, false]);
  });

  it("SHOP-8 every write under load is there once, and its job was done", async () => {
    const wanted = written.toSorted();
    expect([...gone, ...(await application.things(project, TITLE, false))].toSorted()).toEqual(wanted);
    const done = async () => [...gone, ...(await application.things(project, TITLE, true))].toSorted();
    expect(await until(done, (ids) => ids.length >= wanted.length, 90_000)).toEqual(wanted);
  });

  it("SHOP-8 a file that is newer than the volume is found, and mended by --force", async () => {
    rmSync(join(project.dir, "secrets", OWN));
    await project.mustOps("secrets", ["init"]);
    const check = await project.ops("secrets", ["check"]);
    expect([check.code, check.out]).toEqual([
      3,
      expect.stringMatching(new RegExp(`${OWN} does not log in.*--force[^]*(${READERS}) was started with another`)),
    ]);
    expect((await project.ops("secrets", ["rotate", OWN])).err).toContain("does not log in");
    // The containers hold the file that had the name before: they are made again, and the gap is said.
    const said = await project.mustOps("secrets", ["rotate", OWN, "--force"]);
    console.log(
      said
        .split("\n")
        .filter((line) => line.includes("made again"))
        .join("\n"),
    );
    expect(said).toMatch(new RegExp(`(${READERS}): made again, was away for up to \\d+ s`));
    expect(await well()).toBe(0);
    expect((await project.ops("secrets", ["check"])).code).toBe(0);
  });
});

describe("what looks for trouble", () => {
  const image = `${project.name}/leak:dev`;
  const env = join(project.dir, ".env");
  const stopped = project.find("scheduler") ?? project.find("worker") ?? project.service("frontend");
  const settings = readFileSync(env, "utf8");
  const git = (...args: string[]) => must("git", ["-c", "user.name=e2e", "-c", "user.email=e2e@localhost", ...args], { cwd: project.dir });
  afterAll(async () => {
    writeFileSync(env, settings);
    chmodSync(join(project.dir, "secrets"), 0o700);
    rmSync(join(project.dir, "nginx/seeded.conf"), { force: true });
    rmSync(join(project.dir, ".git"), { recursive: true, force: true });
    await run("docker", ["rmi", "-f", image]);
    await project.mustCompose(["start", stopped]);
    // The next file finds the stack as this one did.
    expect(await well()).toBe(0);
  });

  it("SHOP-8 leak-check is quiet, red for each seeded leak without telling the value, and quiet after the rotation", async () => {
    const value = project.secret(LEAKED);
    const clean = await project.ops("secrets", ["leak-check"]);
    expect([clean.code, clean.out + clean.err]).toEqual([0, expect.stringMatching(/no value in use was found in \d\d+ places/)]);
    // In a commit that was taken back, an image, a log, and a file of the folder.
    const notes = join(project.dir, "docs/notes.md");
    writeFileSync(notes, `password: ${value}\n`);
    await git("init", "-q");
    await git("add", "-f", "docs/notes.md");
    await git("commit", "-q", "--no-verify", "-m", "notes");
    rmSync(notes);
    await git("commit", "-q", "--no-verify", "-am", "no notes");
    const context = join(project.dir, "..", "leak");
    mkdirSync(context, { recursive: true });
    const base = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === project.service("edge")).Config
      .Image as string;
    writeFileSync(join(context, "Dockerfile"), `FROM ${base}\nCOPY leak /srv/leak\n`);
    writeFileSync(join(context, "leak"), `before ${value} after`);
    await must("docker", ["build", "-q", "-t", image, context]);
    rmSync(context, { recursive: true });
    await inContainer(project.service("app"), ["sh", "-c", "cat >/proc/1/fd/1"], `leaked ${value}\n`);
    writeFileSync(env, `${settings}NOTE=${value}\n`);
    const red = await project.ops("secrets", ["leak-check"]);
    expect(red.code).toBe(3);
    for (const place of ["git: docs/notes.md", `a layer of ${image}`, `the logs of ${project.service("app")}`, ".env"])
      expect(red.out).toContain(`${LEAKED} is in ${place}`);
    expect(red.out + red.err).not.toContain(value);
    // First: the rotation puts the settings as they are into what the next backup is made from.
    writeFileSync(env, settings);
    await project.mustOps("secrets", ["rotate", LEAKED]);
    const after = await project.ops("secrets", ["leak-check"]);
    expect([after.code, after.out]).toEqual([0, expect.stringContaining("no value in use")]);
  }, 420_000);

  it("PROD-3 doctor finds nothing, then each seeded trouble with its mend", async () => {
    expect(await well()).toBe(0);
    const clean = await project.ops("doctor");
    expect([clean.code, clean.out.split("\n").filter((line) => line.startsWith("fail"))], clean.out).toEqual([0, []]);
    writeFileSync(env, `${settings}LOG_LEVEL=WARNING\nPROXY_PORT=${stack.secondPorts.http}\n`);
    chmodSync(join(project.dir, "secrets"), 0o755);
    writeFileSync(join(project.dir, "nginx/seeded.conf"), "user nginx;\r\n");
    await project.mustCompose(["stop", stopped]);
    const red = await project.ops("doctor", ["--json"]);
    expect(red.code, red.err).toBe(3);
    const document = JSON.parse(red.out) as { ok: boolean; checks: { level: string; what: string; mend: string }[] };
    const failed = document.checks.filter((check) => check.level === "fail");
    expect(document.ok).toBe(false);
    for (const what of [
      `${project.service("app")} was made from another configuration`,
      "secrets has mode 755",
      "Windows line ends in nginx/seeded.conf",
      `${stopped}: exited`,
      `${project.service("edge")} publishes 0.0.0.0:${stack.ports.http}, which the plan does not`,
      `${project.service("edge")} does not publish port ${stack.secondPorts.http}`,
    ])
      expect(failed.map((check) => check.what)).toContainEqual(expect.stringContaining(what));
    expect(failed.every((check) => check.mend !== "")).toBe(true);
  });
});
