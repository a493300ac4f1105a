import { afterAll, beforeAll, expect, it } from "vitest";

import { ANSWERS, seedDefect } from "../../defects/apply.ts";
import { Backups } from "../lib/backups.ts";
import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const ofPostgres = Project.open(stack.instance, stack.ports).find("sql") !== undefined;
const ports = { http: stack.ports.http + 6, https: stack.ports.https + 6 };
const name = `${stack.instance}-pitr`;
const LONG = { timeout: 400_000 };
const pause = (milliseconds: number) => new Promise((wake) => setTimeout(wake, milliseconds));

stacksWith("SQL", ofPostgres).describe("points in time", () => {
  let project: Project;
  let backups: Backups;
  const service = async () => (await project.containers()).get("backup") ?? "";
  /** Saves the received log now; the service may be doing the same. */
  const save = async () => {
    const ran = await until(
      async () => run("docker", ["exec", "-e", "BACKUP_BY_HAND=yes", await service(), "/opt/backup/bin/archive"]),
      ({ code }) => code !== 75,
      60_000,
    );
    expect(ran.code, ran.out + ran.err).toBe(0);
  };
  const backup = async () => {
    const ran = await until(
      () => project.ops("backup"),
      ({ code }) => code !== 75,
      60_000,
    );
    expect(ran.code, ran.out + ran.err).toBe(0);
  };

  beforeAll(async () => {
    await Project.open(name, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports, ANSWERS["pitr"]);
    backups = new Backups(project);
    seedDefect(project, "pitr");
    project.configure({ BACKUP_WAL_SECONDS: "20" });
    const up = await project.ops("up", ["--production", "--build"], LONG);
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    await backups.sql("SET ROLE app_owner; CREATE TABLE keepsake AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, 5000) n");
    await backup();
  });
  afterAll(async () => {
    await project?.destroy();
  });

  it("PROD-12 rows come back as they were at a time, and what came later does not", LONG, async () => {
    const base = new Date().toISOString();
    await backups.sql("INSERT INTO keepsake VALUES (6001, 'written after the base')");
    await pause(1500);
    const then = await backups.fingerprint();
    const time = `${new Date().toISOString().slice(0, 19)}Z`;
    await pause(1500);
    await backups.sql("INSERT INTO keepsake VALUES (7001, 'written after the time'); DROP TABLE keepsake");
    await save();
    expect((await backups.status()).data.findings).toEqual([]);

    const started = Date.now();
    const looked = await project.ops("restore", ["--to-time", time, "--into", "scratch"], LONG);
    expect(looked.code, looked.out + looked.err).toBe(0);
    console.log(`restored ${time} into scratch in ${Math.round((Date.now() - started) / 1000)} s, base before ${base}`);
    expect(await backups.sql("SELECT count(*), max(id) FROM keepsake", "app_scratch")).toBe("5001|6001\n");
    expect(await backups.sql("SELECT to_regclass('keepsake')")).toBe("\n");
    const restored = await project.ops("restore", ["--to-time", time, "--yes"], LONG);
    expect(restored.code, restored.out + restored.err).toBe(0);
    expect(await backups.fingerprint()).toBe(then);
    expect(await project.answers()).toBe(200);

    const early = await project.ops("restore", ["--to-time", "2020-01-01T00:00:00Z", "--into", "scratch"]);
    expect(early.code).toBe(1);
    const late = await project.ops("restore", ["--to-time", "2099-01-01T00:00:00Z", "--into", "scratch"]);
    expect([late.code, late.err]).toEqual([1, expect.stringContaining("nothing after 2099-01-01T00:00:00Z was saved yet")]);
    expect(await must("docker", ["ps", "-q", "--filter", `label=io.breakwater.recovery=${name}`])).toBe("");
    expect(await backups.fingerprint()).toBe(then);
  });

  it("PROD-12 latest is the end of what was saved, for a machine that is gone", LONG, async () => {
    await backups.sql("INSERT INTO keepsake VALUES (8001, 'saved, and in no backup')");
    await pause(1500);
    await save();
    const looked = await project.ops("restore", ["--to-time", "latest", "--into", "scratch"], LONG);
    expect(looked.code, looked.out + looked.err).toBe(0);
    expect(await backups.sql("SELECT max(id) FROM keepsake", "app_scratch")).toBe("8001\n");
  });

  it("PROD-11 a receiver that ended begins again", LONG, async () => {
    const id = await service();
    const each = (begins: string, then: string) =>
      `for p in /proc/[0-9]*; do ! tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -Eq '^(${begins})' || ${then}; done`;
    const script = "bash /opt/backup/bin/receive";
    const receiving = async () => (await run("docker", ["exec", id, "bash", "-c", each(script, 'echo "${p#/proc/}"')])).out;
    const before = await receiving();
    expect(before).toMatch(/^\d+\n$/);
    await must("docker", ["exec", id, "bash", "-c", each(`${script}|pg_receivewal`, 'kill -KILL "${p#/proc/}"')]);
    const after = await until(receiving, (pids) => /^\d+\n$/.test(pids) && pids !== before, 90_000);
    expect(after).toMatch(/^\d+\n$/);
    expect(after).not.toBe(before);
    expect(await project.logs("backup")).toContain("the receiver of the log of changes had ended, and begins again");
    await save();
  });

  it("PROD-12 a database whose volume was made anew gets a base of its own, and times of it come back", LONG, async () => {
    const database = project.service("sql");
    const { Id, Mounts } = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === database);
    await must("docker", ["rm", "-f", Id]);
    await must("docker", ["volume", "rm", Mounts.find((one: { Name?: string }) => one.Name?.endsWith("pgdata") === true).Name]);
    const restored = await project.ops("restore", ["--yes"], LONG);
    expect(restored.code, restored.out + restored.err).toBe(0);
    const told = await until(
      () => project.logs("backup"),
      (log) => log.includes("the server is another one than before"),
      60_000,
    );
    expect(told).toContain("the server is another one than before");
    const status = await until(
      () => backups.status(),
      ({ code }) => code === 0,
      180_000,
    );
    expect(status.code, JSON.stringify(status.data.findings)).toBe(0);
    await backups.sql("INSERT INTO keepsake VALUES (9001, 'of the new server')");
    await pause(1500);
    const time = `${new Date().toISOString().slice(0, 19)}Z`;
    await pause(1500);
    await save();
    const looked = await project.ops("restore", ["--to-time", time, "--into", "scratch"], LONG);
    expect(looked.code, looked.out + looked.err).toBe(0);
    expect(await backups.sql("SELECT max(id) FROM keepsake", "app_scratch")).toBe("9001\n");
  });

  it("PROD-11 a receiver that is away is told and does not fill the disk of the database", LONG, async () => {
    const kept = await backups.sql("SELECT setting::int FROM pg_settings WHERE name = 'max_slot_wal_keep_size'", "postgres");
    expect(Number(kept)).toBe(1024);
    // The same with less to write.
    await backups.sql("ALTER SYSTEM SET max_slot_wal_keep_size = '32MB'", "postgres");
    await backups.sql("SELECT pg_reload_conf()", "postgres");
    await project.mustCompose(["stop", "backup"]);
    await backups.sql("CREATE TABLE large AS SELECT n, repeat(md5(n::text), 20) AS text FROM generate_series(1, 150000) n");
    await backups.sql("CHECKPOINT", "postgres");
    expect(await backups.sql("SELECT wal_status FROM pg_replication_slots", "postgres")).toBe("lost\n");
    await backups.sql("DROP TABLE large");
    await project.mustCompose(["start", "backup"]);
    const told = await until(
      () => project.logs("backup"),
      (log) => log.includes("the receiver was away for longer than the server keeps the log"),
      60_000,
    );
    expect(told).toContain("the receiver was away for longer than the server keeps the log");
    // The next base comes by itself.
    const status = await until(
      () => backups.status(),
      ({ code }) => code === 0,
      120_000,
    );
    expect(status.code, JSON.stringify(status.data.findings)).toBe(0);
    await save();
  });
});
