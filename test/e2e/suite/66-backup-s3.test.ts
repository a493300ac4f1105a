import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { ANSWERS, seedDefect } from "../../defects/apply.ts";
import { Backups } from "../lib/backups.ts";
import { Project } from "../lib/project.ts";
import { must } from "../lib/run.ts";
import { Storage } from "../lib/storage.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const ofPostgres = Project.open(stack.instance, stack.ports).find("sql") !== undefined;
const ports = { http: stack.ports.http + 5, https: stack.ports.https + 5 };
const name = `${stack.instance}-s3`;
const LONG = { timeout: 400_000 };

stacksWith("SQL", ofPostgres).describe("backups in object storage", () => {
  const storage = new Storage(`${name}-storage`, stack.ports.https + 7);
  let project: Project;
  let backups: Backups;
  const give = async () => {
    const trust = join(project.dir, "tls/backup-storage");
    mkdirSync(trust, { recursive: true });
    writeFileSync(join(trust, "ca.crt"), storage.authority);
    await project.mustOps("secrets", ["set", "s3_key_id"], { input: storage.keyId });
    await project.mustOps("secrets", ["set", "s3_secret_key"], { input: `${storage.secret}\n` });
  };

  beforeAll(async () => {
    await storage.boot();
    await Project.open(name, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports, ANSWERS["s3"]);
    backups = new Backups(project);
    seedDefect(project, "s3");
    project.configure({ BACKUP_S3_URL: storage.bucket });
    const refused = await project.ops("up", ["--production"], LONG);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/not here yet: s3_key_id s3_secret_key\n.*next: ops\/secrets set s3_key_id/);
    await give();
    const up = await project.ops("up", ["--production", "--build"], LONG);
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    await backups.sql(
      "SET ROLE app_owner; CREATE TABLE keepsake AS SELECT n AS id, 'findable-words ' || md5(n::text) AS text FROM generate_series(1, 20000) n",
    );
  });
  afterAll(async () => {
    await project?.destroy();
    await storage.destroy();
  });

  it("PROD-11 a backup in object storage is whole and encrypted, a drill restores it, and no key is seen", LONG, async () => {
    const taken = await project.ops("backup");
    expect(taken.code, taken.out + taken.err).toBe(0);
    const drilled = await project.ops("drill");
    expect(drilled.code, drilled.out + drilled.err).toBe(0);
    const { code, data } = await backups.status();
    expect(code, JSON.stringify(data.findings)).toBe(0);
    expect(data).toMatchObject({
      ok: true,
      repository: { path: storage.bucket, backups: 1 },
      drill: { set: data.backup.set, rows: data.backup.rows },
    });
    expect(data.backup.rows).toBeGreaterThan(20_000);
    expect(data.repository.kib).toBeGreaterThan(100);
    expect((await storage.objects()).length).toBeGreaterThan(5);
    expect(await storage.objects("findable-words")).toEqual([]);

    const id = (await project.containers()).get("backup") ?? "";
    const seen = `${await must("docker", ["inspect", id])}${await must("docker", ["exec", id, "cat", "/proc/1/environ"])}${await project.logs("backup")}`;
    for (const value of [storage.keyId, storage.secret]) expect(seen).not.toContain(value);
    // Not the whole matrix, which 30-isolation asks: that nobody but the service is where there is a way out.
    const on = await must("docker", ["network", "inspect", `${name}_offsite`, "-f", "{{range .Containers}}{{.Name}} {{end}}"]);
    expect(on.trim().split(" ")).toEqual([expect.stringContaining("backup")]);
  });

  it("PROD-11 wrong keys, a stranger's certificate and storage that is down are loud", LONG, async () => {
    const stranger = await backups.shell("export BACKUP_TRUST=/nowhere BACKUP_STORAGE_SECONDS=6; $B/take || echo code $?");
    expect(stranger.out, stranger.err).toMatch(/FAILED: the repository does not open.*certificate[^]*code 1/);
    await project.mustOps("secrets", ["set", "s3_secret_key"], { input: "not-the-key-0123456789" });
    const wrong = await project.ops("backup");
    expect([wrong.code, wrong.out], wrong.err).toEqual([1, expect.stringMatching(/FAILED: the repository does not open.*(signature|Access Denied)/)]);
    await project.mustOps("secrets", ["set", "s3_secret_key"], { input: storage.secret });

    await storage.down();
    const undo = backups.age("backup", 27);
    const down = await project.ops("backup");
    expect([down.code, down.out], down.err).toEqual([1, expect.stringMatching(/FAILED: the repository does not open.*connection refused/)]);
    const { code, data } = await backups.status();
    expect(code).toBe(3);
    expect(JSON.stringify(data.findings)).toMatch(/the repository does not open.*connection refused/);
    expect(JSON.stringify(data.findings)).toContain("the last good backup was 27 hours ago");
    expect(await project.becomes("backup", "unhealthy", 60_000)).toBe("unhealthy");
    undo();
    await storage.up();
    // The right key is read again by itself, and what could not be saved meanwhile is saved now.
    const again = await project.ops("backup");
    expect(again.code, again.out + again.err).toBe(0);
    expect((await backups.status()).code).toBe(0);
  });

  it("PROD-12 everything destroyed comes back from object storage", LONG, async () => {
    const before = await backups.fingerprint();
    const password = project.secret("restic_password");
    const sums = () =>
      must("sh", ["-c", "find .env secrets tls -type f ! -name .gitignore ! -name .lock | sort | xargs sha256sum"], { cwd: project.dir });
    const had = await sums();
    await project.mustOps("down", ["--volumes", "--yes"]);
    for (const path of ["secrets", "tls", ".env", "state", "backups"]) rmSync(join(project.dir, path), { recursive: true, force: true });

    mkdirSync(join(project.dir, "secrets"), { mode: 0o700 });
    writeFileSync(join(project.dir, "secrets/restic_password"), password);
    chmodSync(join(project.dir, "secrets/restic_password"), 0o444);
    const nowhere = await project.ops("restore", ["--yes"]);
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringContaining("BACKUP_S3_URL is empty")]);
    const env = { BACKUP_S3_URL: storage.bucket };
    const keyless = await project.ops("restore", ["--yes"], { env });
    expect([keyless.code, keyless.err]).toEqual([1, expect.stringContaining("next: ops/secrets set s3_key_id")]);
    await give();
    const restored = await project.ops("restore", ["--yes"], { ...LONG, env });
    expect(restored.code, restored.out + restored.err).toBe(0);
    expect(await sums()).toBe(had);
    expect(await backups.fingerprint()).toBe(before);
    const again = await project.ops("backup");
    expect(again.code, again.out + again.err).toBe(0);
  });
});
