import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Application } from "../apps/application.ts";
import type { Alerts } from "./alerts.ts";
import { imageOf } from "./images.ts";
import { run, until } from "./run.ts";

interface Room {
  readonly application: Application;
  readonly alerts: () => Alerts;
  /** One request of a visitor who is signed in. */
  readonly read: () => Promise<unknown>;
  /** How what was done is undone, in this order. */
  readonly mend: (() => Promise<unknown>)[];
}

/** What each alert watches for, made to happen. */
export function alertCauses({
  application,
  alerts,
  read,
  mend,
}: Room): readonly (readonly [alert: string, cause: string, make: () => Promise<unknown>])[] {
  const state = (file: string, from: RegExp, to: (match: string, head: string) => string) => {
    const path = join(alerts().project.dir, "state/backup", file);
    const before = readFileSync(path, "utf8");
    writeFileSync(path, before.replace(from, to));
    mend.push(async () => writeFileSync(path, before));
  };
  const stop = (word: string) => async () => {
    const service = alerts().project.find(word) ?? word;
    mend.push(() => alerts().project.mustCompose(["start", service]));
    await alerts().project.mustCompose(["stop", "-t", "2", service]);
  };
  const ago = (hours: number) => (_: string, head: string) => `${head}${Math.floor(Date.now() / 1000) - hours * 3600}`;

  return [
    ["TargetDown", "an exporter is stopped", stop("redis-exporter")],
    ["SiteDown", "the frontend is stopped", stop("frontend")],
    ["SiteDown", "the database is stopped", stop("database")],
    [
      "CacheDown",
      "Redis knows the user monitor no more",
      async () => {
        const acl = join(alerts().project.dir, "secrets/redis_acl");
        const before = readFileSync(acl, "utf8");
        const load = async (text: string) => {
          writeFileSync(acl, text);
          await alerts().redis("app", "redis_password", "ACL LOAD");
        };
        mend.push(() => load(before));
        await load(before.replace(/^user monitor .*\n?/m, ""));
      },
    ],
    [
      "ErrorRatio",
      "the database is stopped while visitors read",
      async () => {
        await stop("database")();
        await Promise.all(Array.from({ length: 12 }, () => read()));
      },
    ],
    [
      "DatabaseDown",
      "the database lets the exporter in no more",
      async () => {
        mend.push(() => alerts().sql("ALTER ROLE app_monitor LOGIN"));
        // The cause before this one stopped the database: it may still be on its way back.
        const closed = await until(
          () => alerts().sql("ALTER ROLE app_monitor NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_monitor'"),
          ({ code }) => code === 0,
          30_000,
        );
        if (closed.code !== 0) throw new Error(`the role was not closed: ${closed.err}`);
      },
    ],
    [
      "Latency",
      "a table is locked while visitors read",
      async () => {
        const locked = alerts().sql(`BEGIN; LOCK TABLE ${application.table} IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3)`);
        await new Promise((wake) => setTimeout(wake, 500));
        await Promise.all([locked, ...Array.from({ length: 6 }, () => read())]);
      },
    ],
    [
      "DatabaseConnections",
      "85 connections are open",
      async () => {
        // From beside the worker: in the database's own container they would count against its processes.
        const { project } = alerts();
        const many = `read -r PGPASSWORD; export PGPASSWORD; for n in $(seq 85); do timeout 60 psql -X -h ${project.service("database")} -U app -d app -c 'select pg_sleep(40)' >/dev/null & done; wait`;
        const beside = ["run", "--rm", "-i", "--network", `container:${await project.container("worker")}`, "--entrypoint", "bash"];
        void run("docker", [...beside, imageOf("postgres"), "-c", many], { input: `${project.secret("db_app_password").split("\n")[0]}\n` });
      },
    ],
    [
      "JobQueue",
      "1001 jobs wait for a worker that is stopped",
      async () => {
        await stop("worker")();
        await alerts().redis("app", "redis_password", application.fillQueue(1001));
        mend.unshift(() => alerts().redis("app", "redis_password", `DEL ${application.queue}`));
      },
    ],
    [
      "DiskFull",
      "a disk is filled",
      async () => {
        await alerts().shell("node-exporter", "dd if=/dev/zero of=/host/small/ballast bs=1000 count=1100 2>/dev/null");
        mend.push(() => alerts().shell("node-exporter", "rm /host/small/ballast"));
      },
    ],
    ["CertificateEnds", "a certificate of 9 days is served", async () => mend.push(await alerts().certificate(9))],
    ["BackupOld", "the last good backup was 27 hours ago", async () => state("backup.prom", /^(\w+backup_last\w+ )\d+$/m, ago(27))],
    ["DrillOld", "the last good drill was 193 hours ago", async () => state("backup.prom", /^(\w+drill_last\w+ )\d+$/m, ago(193))],
    ["DrillFailed", "the last drill failed", async () => state("backup.prom", /^(\w+drill_failed) 0$/m, (_, head) => `${head} 1`)],
    ["BackupUnknown", "nobody says when the last backup was", async () => state("backup.prom", /^/, () => "no figures\n")],
  ];
}
