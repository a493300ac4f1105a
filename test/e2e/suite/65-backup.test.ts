import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";

import { Backups } from "../lib/backups.ts";
import type { Answer } from "../lib/http.ts";
import { Project } from "../lib/project.ts";
import { must, type Ran, run, until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const ofPostgres = Project.open(stack.instance, stack.ports).find("sql") !== undefined;
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const backups = new Backups(project);
const PERSON = { email: "keeper5@example.com", password: "correct-horse-battery-9" };
const LONG = 600_000;
/** A snapshot costs restic most of a second, for the password alone: what is older than two months comes once a week, unless all is asked for. */
const FULL = process.env["E2E_FULL"] === "1";
const DAYS = FULL ? "seq 0 399" : "{ seq 0 59; seq 60 7 399; }";

const person = async (what: "register" | "login") => {
  const edge = project.edge();
  const patiently = (call: () => Promise<Answer>) => until(call, (answer) => answer.status !== 429, 90_000);
  await patiently(() => application.visit(edge));
  return (await patiently(() => application[what](edge, PERSON))).status;
};

stacksWith("SQL", ofPostgres).describe("backups and restores", () => {
  let first: Ran;
  let drilled: Ran;
  beforeAll(async () => {
    expect(await person("register")).toBeLessThan(300);
    // Things of the application's own making: rows and, where there is object storage, objects.
    const people = await application.signIn(project, 2, "keepsakes");
    for (const [number, { headers }] of people.entries()) {
      const sent = application.write(`Keepsake ${number}`);
      const answer = await project.edge().call(sent.path, { method: sent.method, text: sent.body, headers: { ...sent.headers, ...headers } });
      expect([201, application.taken], answer.body).toContain(answer.status);
    }
    // Enough rows that a dump takes a while, and a value to look for in what should be unreadable.
    await backups.sql(`SET ROLE app_owner;
      CREATE TABLE keepsake AS SELECT n AS id, 'findable-words ' || md5(n::text) AS text, n * 0.1::float8 AS part, now() AS at FROM generate_series(1, 60000) n;
      CREATE TABLE "Odd name, with 'quotes'" (whole_row text, at timestamptz DEFAULT now());
      INSERT INTO "Odd name, with 'quotes'" VALUES ('x'), (NULL), ('x');`);
    // Each test stands on these, whether it runs alone or not; the first two say what they were.
    first = await project.ops("backup");
    drilled = await project.ops("drill");
  });

  it(
    "PROD-11 a backup is whole, encrypted, and logged as the contract says",
    async () => {
      expect(first.code, first.out + first.err).toBe(0);
      const { code, data } = await backups.status();
      expect(code, JSON.stringify(data.findings)).toBe(0);
      expect(data).toMatchObject({ ok: true, backup: { last_attempt: "good" }, repository: { backups: 1 } });
      expect(data.backup.rows).toBeGreaterThan(60_000);
      const read = await run("grep", ["-rlaF", "-e", "findable-words", "-e", project.secret("db_app_password"), join(project.dir, "backups")]);
      expect(read.out).toBe("");
      const lines = (await project.logs("backup")).split("\n").filter((line) => line !== "");
      expect(lines.length).toBeGreaterThan(2);
      for (const line of lines)
        expect(Object.keys(JSON.parse(line)), line).toEqual(
          expect.arrayContaining(["timestamp", "level", "service", "version", "request_id", "message"]),
        );
    },
    LONG,
  );

  it(
    "PROD-12 a drill restores the newest backup and finds it equal",
    async () => {
      expect(drilled.code, drilled.out + drilled.err).toBe(0);
      const { code, data } = await backups.status();
      expect(code, JSON.stringify(data.findings)).toBe(0);
      expect(data.drill).toMatchObject({ set: data.backup.set, tables: data.backup.tables, rows: data.backup.rows });
    },
    LONG,
  );

  it(
    "SHOP-8 the backups' password is rotated: the new one opens the older backups, the old one nothing",
    async () => {
      const old = project.secret("restic_password");
      const { sets } = await backups.inRepository();
      const said = await project.mustOps("secrets", ["rotate", "restic_password"]);
      expect(said).toContain("the old one is refused");
      expect(project.secret("restic_password")).not.toBe(old);
      expect((await backups.inRepository()).sets).toEqual(sets);
      const refused = await backups.shell(`printf %s '${old}' >/tmp/old; RESTIC_PASSWORD_FILE=/tmp/old $B/fetch sets`);
      expect([refused.code === 0, refused.err]).toEqual([false, expect.stringContaining("wrong password")]);
      const { data } = await backups.status();
      expect(JSON.stringify(data.findings)).not.toContain("does not open");
    },
    LONG,
  );

  it(
    "PROD-12 changed and lost rows come back, equal by checksum, while the stack runs",
    async () => {
      const before = await backups.fingerprint();
      await backups.sql(
        "DELETE FROM keepsake WHERE id % 3 = 0; UPDATE keepsake SET text = 'spoilt' WHERE id = 1; DROP TABLE \"Odd name, with 'quotes'\"",
      );
      expect(await backups.fingerprint()).not.toBe(before);
      const looked = await project.ops("restore", ["--into", "scratch"]);
      expect(looked.code, looked.out + looked.err).toBe(0);
      expect(await backups.fingerprint()).not.toBe(before);
      const restored = await project.ops("restore", ["--yes"]);
      expect(restored.code, restored.out + restored.err).toBe(0);
      expect(await backups.fingerprint()).toBe(before);
      expect(await project.answers()).toBe(200);
      // The rows of before are kept beside it, closed.
      expect(await backups.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'app_before_%' AND NOT datallowconn")).toBe("1\n");
    },
    LONG,
  );

  stacksWith("object storage", project.find("s3") !== undefined).it(
    "PROD-12 a storage lost with its volume comes back under the running stack, with its logins and objects, and is no drift",
    { timeout: LONG },
    async () => {
      const saved = await project.ops("backup");
      expect(saved.code, saved.out + saved.err).toBe(0);
      const before = await backups.fingerprint();
      const storage = project.service("s3");
      const { Id, Mounts } = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === storage);
      await must("docker", ["rm", "-f", Id]);
      await must("docker", ["volume", "rm", Mounts.find((one: { Destination: string }) => one.Destination === "/data").Name]);
      const restored = await project.ops("restore", ["--yes"]);
      expect(restored.code, restored.out + restored.err).toBe(0);
      expect(await backups.fingerprint()).toBe(before);
      expect((await project.ops("doctor")).out).toContain("every container was made from the files as they are");
    },
  );

  it(
    "PROD-11 a dump that dies half-way leaves no backup",
    async () => {
      const before = await backups.inRepository();
      // Large enough that its COPY is seen while it runs, and ends in the middle.
      await backups.sql("CREATE UNLOGGED TABLE large AS SELECT n, repeat(md5(n::text), 4) AS text FROM generate_series(1, 600000) n");
      const killer = backups.sql(
        `DO $$ BEGIN FOR i IN 1..6000 LOOP PERFORM pg_stat_clear_snapshot();
        IF (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'pg_dump' AND state = 'active' AND query LIKE 'COPY public.large%') > 0 THEN RETURN; END IF;
        PERFORM pg_sleep(0.01); END LOOP; RAISE 'no dump was seen'; END $$`,
        "postgres",
      );
      const ran = await project.ops("backup");
      await killer;
      await backups.sql("DROP TABLE large");
      expect(ran.code).toBe(1);
      expect(ran.out).toMatch(/backup FAILED: the dump of (?:\w+\.)?app failed/);
      expect(ran.err).toMatch(/next: ops\/logs backup/);
      expect(await backups.inRepository()).toEqual(before);
      const { code, data } = await backups.status();
      expect(code).toBe(3);
      expect(JSON.stringify(data.findings)).toContain("the last backup failed");
    },
    LONG,
  );

  it(
    "PROD-11 a wrong password, a full disk and a damaged repository are loud, and older backups stay",
    async () => {
      const wrong = await backups.shell(`RESTIC_PASSWORD_FILE=/run/secrets/${project.secretName("db_backup_password")} $B/take`);
      expect([wrong.code, wrong.out], wrong.err).toEqual([1, expect.stringMatching(/FAILED: the repository does not open.*wrong password/)]);
      await backups.sql("CREATE TABLE fresh AS SELECT md5(random()::text) AS text FROM generate_series(1, 60000) n");
      // Found at once when there is little room, and in the middle when it ends there: restic then waits for its command for ever.
      const small = await backups.shell("copy; BACKUP_MIN_FREE_MIB=999999999 $B/take");
      expect([small.code, small.out], small.err).toEqual([1, expect.stringMatching(/FAILED: \d+ MiB are free/)]);
      const full =
        await backups.shell(`cp -r /backup/repository /dev/shm/r; export RESTIC_REPOSITORY=/dev/shm/r BACKUP_MIN_FREE_MIB=0 BACKUP_STALL_SECONDS=4
        chmod -R u+rwX /dev/shm/r; cat /dev/zero >/dev/shm/ballast 2>/dev/null || truncate -s -300K /dev/shm/ballast; before=$($B/fetch sets)
        $B/take || echo "code $?"; rm -f /dev/shm/ballast; [ "$before" = "$($B/fetch sets)" ] && restic --no-cache -q check && echo intact`);
      expect(full.out, full.err).toMatch(/backup FAILED: [^]*code 1\n[^]*intact/);
      await backups.sql("DROP TABLE fresh");
      const damaged =
        await backups.shell(`copy; for f in $(find $W/repository/data -type f -size +8k); do printf XXXX | dd of=$f bs=1 seek=4000 conv=notrunc status=none; done
        $B/drill || echo "code $?"`);
      expect(damaged.out, damaged.err).toMatch(/drill FAILED: [^]*code 1\n/);
      expect((await backups.inRepository()).sets.length).toBeGreaterThan(0);
    },
    LONG,
  );

  it(
    "PROD-12 a drill finds a backup that lost rows",
    async () => {
      // A dump that works and lacks the rows of one table: nothing but the comparison can see it.
      const ran =
        await backups.shell(`copy; mkdir $W/bin; printf '#!/bin/sh\\nexec /usr/bin/pg_dump --exclude-table-data=keepsake "$@"\\n' >$W/bin/pg_dump; chmod +x $W/bin/pg_dump
        PATH=$W/bin:$PATH $B/take; $B/drill || echo "code $?"`);
      expect(ran.out, ran.err).toMatch(/backup \w+ is good[^]*drill FAILED: (?:\w+\.)?app came back different[^]*public\.keepsake[^]*code 1\n/);
    },
    LONG,
  );

  it(
    "PROD-11 retention keeps 20 backups of 400 days, and all of the last one",
    async () => {
      const ran = await backups.shell(
        `export RESTIC_REPOSITORY=$W/r RUN=1; . $B/lib.sh; mkdir -p /tmp/run /tmp/set; restic --no-cache -q init; echo x >/tmp/set/facts
        save() { restic --no-cache -q backup --time "$(date -u -d "@$((1795140000 - $1 * 86400))" '+%F %T')" --host backup --tag "$2" /tmp/set; }
        export -f save; ${DAYS} | xargs -P 4 -I{} bash -c 'save {} set'
        for hours in 1 2; do restic --no-cache -q backup --time "$(date -u -d "@$((1795140000 - hours * 3600))" '+%F %T')" --host backup --tag set /tmp/set; done
        seq 0 14 | xargs -P 4 -I{} bash -c 'save {} dump'
        quiet_restic snapshots --json | jq length; keep_what_is_due; sets | wc -l
        quiet_restic snapshots --json --tag dump | jq -r '.[].time' | sort >/tmp/dumps; sets | cut -f 2 | sort >/tmp/kept; comm -23 /tmp/dumps /tmp/kept | wc -l; wc -l </tmp/dumps`,
        560_000,
      );
      expect(ran.code, ran.err).toBe(0);
      const [all, kept, orphans, dumps] = ran.out.trim().split("\n").map(Number);
      expect({ all, kept, orphans }).toEqual({ all: FULL ? 417 : 126, kept: 22, orphans: 0 });
      expect(dumps).toBeGreaterThan(7);
    },
    LONG,
  );

  it(
    "PROD-11 a stale backup turns health and backup-status red",
    async () => {
      const saved = await project.ops("backup");
      expect(saved.code, saved.out + saved.err).toBe(0);
      expect((await backups.status()).code).toBe(0);
      for (const [name, hours] of [
        ["backup", 27],
        ["drill", 193],
      ] as const) {
        const undo = backups.age(name, hours);
        expect(await project.becomes("backup", "unhealthy", 60_000), name).toBe("unhealthy");
        const { code, data } = await backups.status();
        expect(code).toBe(3);
        expect(JSON.stringify(data.findings)).toContain(`the last good ${name} was ${hours} hours ago`);
        undo();
        expect(await project.becomes("backup", "healthy", 60_000), name).toBe("healthy");
      }
    },
    LONG,
  );

  it(
    "PROD-12 everything destroyed comes back on an empty host",
    async () => {
      // A role somebody made, and a setting of the database: both are no rows.
      await backups.sql("CREATE ROLE reporter LOGIN; GRANT app TO reporter; ALTER DATABASE app SET lock_timeout = '17s'");
      const saved = await project.ops("backup");
      expect(saved.code, saved.out + saved.err).toBe(0);
      const before = await backups.fingerprint();
      const files = ["secrets", "tls", ".env", "state", "backups"].map((name) => join(project.dir, name));
      const sums = async () =>
        must("sh", ["-c", "find .env secrets tls -type f ! -name .gitignore ! -name .lock | sort | xargs sha256sum"], { cwd: project.dir });
      const had = await sums();
      const kept = join(project.dir, "..", `${project.name}-kept`);
      rmSync(kept, { recursive: true, force: true });
      mkdirSync(kept, { mode: 0o700 });
      cpSync(join(project.dir, "backups/repository"), join(kept, "repository"), { recursive: true });
      writeFileSync(join(kept, "password"), project.secret("restic_password"));

      await project.mustOps("down", ["--volumes", "--yes"]);
      for (const file of files) rmSync(file, { recursive: true, force: true });
      const refused = await project.ops("restore", ["--yes"]);
      expect(refused.code).toBe(1);
      expect(refused.err).toContain("secrets/restic_password is missing");

      for (const name of ["secrets", "backups"]) mkdirSync(join(project.dir, name), { mode: 0o700 });
      cpSync(join(kept, "repository"), join(project.dir, "backups/repository"), { recursive: true });
      writeFileSync(join(project.dir, "secrets/restic_password"), readFileSync(join(kept, "password")));
      chmodSync(join(project.dir, "secrets/restic_password"), 0o444);
      const restored = await project.ops("restore", ["--yes"], { timeout: 500_000 });
      expect(restored.code, restored.out + restored.err).toBe(0);
      expect(restored.out).toContain("roles that came back without a password: reporter");

      expect(await sums()).toBe(had);
      expect(await backups.fingerprint()).toBe(before);
      expect(await backups.sql("SELECT pg_has_role('reporter', 'app', 'MEMBER'); SHOW lock_timeout")).toBe("t\n17s\n");
      expect(await person("login")).toBe(200);
      expect((await project.ops("secrets", ["check"])).code).toBe(0);
      const again = await project.ops("backup");
      expect(again.code, again.out + again.err).toBe(0);
      await backups.sql("DROP TABLE keepsake, \"Odd name, with 'quotes'\"; DROP ROLE reporter; ALTER DATABASE app RESET lock_timeout");
      rmSync(kept, { recursive: true, force: true });
    },
    LONG,
  );
});
