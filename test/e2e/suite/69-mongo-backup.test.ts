import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);

/** What is in the live server, by the backup's own words: collections with counts and sums, indexes, options, users. */
const manifest = async (): Promise<string> =>
  must("docker", [
    "exec",
    await project.container("backup"),
    "bash",
    "-c",
    "umask 077; head -n 1 /run/secrets/mongo_backup_password | tr -d '\\n' >/tmp/.suite; WHAT=manifest PASSWORD_FILE=/tmp/.suite mongosh --nodb --norc --quiet /opt/backup/bin/manifest.js; rm -f /tmp/.suite",
  ]);
const asRoot = async (code: string) =>
  run(
    "docker",
    [
      "exec",
      "-i",
      await project.container("documents"),
      "bash",
      "-c",
      "cat >/tmp/suite.js && mongosh --nodb --norc --quiet /tmp/suite.js; rm -f /tmp/suite.js",
    ],
    {
      input: `load("/opt/mongo/connect.js"); const set = mongo.primary(); mongo.logIn(set, "root", mongo.passwords("mongo_root_password")[0]); const db = set.getDB("app");\n${code}`,
    },
  );

stacksWith("documents", project.find("documents") !== undefined).describe("MongoDB comes back", () => {
  beforeAll(async () => {
    const [person] = await stack.application.signIn(project, 1, "backup");
    for (const number of [1, 2, 3]) {
      const sent = stack.application.write(`Kept ${number}`);
      const answer = await project.edge().call(sent.path, { method: sent.method, text: sent.body, headers: { ...sent.headers, ...person?.headers } });
      expect(answer.status, answer.body).toBe(201);
    }
    const made = await asRoot(`
db.createCollection("keepsake", { validator: { $jsonSchema: { bsonType: "object", required: ["n"] } } });
db.keepsake.createIndex({ n: 1 }, { unique: true }); db.keepsake.createIndex({ a: 1, b: -1 });
db.keepsake.insertMany(Array.from({ length: 2500 }, (_, n) => ({ _id: n, n, a: n % 7, b: new Date(1e12 + n), long: NumberLong(String(n)), nothing: null, deep: { list: [1, "2", { c: 3.5 }] } })));
db.runCommand({ insert: "keepsake", documents: [{ _id: "older than the rule", a: 1 }], bypassDocumentValidation: true });
db.getSiblingDB("admin").runCommand({ createUser: "reporter", pwd: "a-password-of-the-reporter", roles: [{ role: "read", db: "app" }] });
print(db.keepsake.countDocuments({}));`);
    expect(made.out, made.err).toContain("2501");
  });

  it("PROD-11 a dump that dies half-way leaves no backup, and says so", { timeout: 300_000 }, async () => {
    const count = async () =>
      (JSON.parse((await project.ops("backup-status", ["--json"])).out) as { repository: { backups: number | null } }).repository.backups ?? 0;
    const before = await count();
    // The dump is slowed down by its reader, and the server goes away meanwhile.
    const taking = project.ops("backup");
    await until(
      async () => (await run("docker", ["exec", await project.container("backup"), "sh", "-c", "ps -e | grep -c mongodump"])).out.trim(),
      (many) => many !== "0",
      60_000,
    );
    await must("docker", ["exec", await project.container("backup"), "sh", "-c", "pkill -KILL mongodump"]);
    const ran = await taking;
    expect(ran.code).toBe(1);
    expect(ran.out + ran.err).toContain("nothing of it was kept");
    expect(await count()).toBe(before);
  });

  it("PROD-12 a drill finds a backup that lost rows", { timeout: 400_000 }, async () => {
    await project.mustOps("backup");
    const good = await project.mustOps("drill");
    expect(good).toContain("as backed up");
    // What is restored is counted as one document more than it is: as if the backup had lost one.
    const ran = await run("docker", [
      "exec",
      "-e",
      "BACKUP_BY_HAND=yes",
      await project.container("backup"),
      "bash",
      "-c",
      "mkdir -p /tmp/b && cp -r /opt/backup/bin/. /tmp/b/ && sed -i 's/documents, sum\\].join/documents + 1, sum].join/' /tmp/b/manifest.js && bash /tmp/b/drill; code=$?; rm -rf /tmp/b; exit $code",
    ]);
    expect(ran.code).toBe(1);
    expect(ran.out + ran.err).toContain("came back different from what was backed up");
    expect((await project.ops("drill")).code).toBe(0);
  });

  const sets = async () => (await must("docker", ["exec", await project.container("backup"), "/opt/backup/bin/fetch", "sets"])).trim().split("\n");
  const newest = async () => (await sets()).at(-1)?.split("\t")[0]?.slice(0, 8) ?? "";
  const late = async () => (await asRoot('print(db.keepsake.countDocuments({ n: "late" }));')).out.trim();

  it("PROD-12 a restore while everything is stopped saves what is live before it goes", { timeout: 600_000 }, async () => {
    await project.mustOps("backup");
    const then = await newest();
    await asRoot('db.keepsake.insertOne({ n: "late" });');
    await project.mustOps("down", []);
    const said = await project.mustOps("restore", [then, "--yes"], { timeout: 400_000 });
    expect(said).toContain("a backup of what is live now, before it goes");
    expect(await late()).toBe("0");
    expect(await project.answers()).toBe(200);
  });

  it("PROD-12 a restore that fails half-way leaves nobody writing, says how to go on, and goes on", { timeout: 600_000 }, async () => {
    await asRoot('db.keepsake.replaceOne({ n: "late" }, { n: "late" }, { upsert: true });');
    await project.mustOps("backup");
    const live = await newest();
    const restoring = project.ops("restore", [live, "--yes"], { timeout: 400_000 });
    const database = await project.container("documents");
    await until(
      () => run("docker", ["exec", database, "pkill", "-KILL", "-f", "mongorestore.*--drop"]),
      ({ code }) => code === 0,
      300_000,
    );
    const failed = await restoring;
    expect(failed.code).toBe(1);
    expect(failed.err).toContain("app is neither what it was nor the backup, so what writes to it stays stopped");
    expect(failed.err).toMatch(new RegExp(`next: ops/restore ${live} --yes again; what was live before is the backup [0-9a-f]{8}`));
    expect((await must("docker", ["inspect", "-f", "{{.State.Status}}", await project.container("worker")])).trim()).toBe("exited");
    await project.mustOps("restore", [live, "--yes"], { timeout: 400_000 });
    expect(await late()).toBe("1");
    await asRoot('db.keepsake.deleteOne({ n: "late" });');
    expect((await project.ops("health", ["--wait", "90"])).code).toBe(0);
    expect(await project.answers()).toBe(200);
  });

  it("SHOP-8 root gets a new password by --force although nobody has the old one", { timeout: 300_000 }, async () => {
    // In place, so that the container sees it too: a file that is newer than the volume.
    const file = join(project.dir, "secrets/mongo_root_password");
    chmodSync(file, 0o644);
    writeFileSync(file, "0".repeat(64));
    chmodSync(file, 0o444);
    const refused = await project.ops("secrets", ["rotate", "mongo_root_password"]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("ops/secrets rotate mongo_root_password --force")]);
    await project.mustOps("secrets", ["rotate", "mongo_root_password", "--force"]);
    expect(project.secret("mongo_root_password")).toMatch(/^(?!0{64})[0-9a-f]{64}$/);
    expect((await project.ops("secrets", ["check"])).code).toBe(0);
    expect(await late()).toMatch(/^[01]$/);
  });

  it("HARD-2 a rotation of the keyfile that was cut off while the database was away brings it back", { timeout: 300_000 }, async () => {
    await project.rotationKilledAfter("offered", "mongo_keyfile");
    await project.mustCompose(["rm", "-sf", project.service("database")]);
    await project.mustOps("secrets", ["rotate", "mongo_keyfile"]);
    expect(await project.health(project.service("database"))).toBe("healthy");
    expect((await project.ops("health", ["--wait", "90"])).code).toBe(0);
    expect((await project.ops("secrets", ["check"])).code).toBe(0);
  });

  it("PROD-12 everything destroyed comes back on an empty host: documents, indexes, users, logins", { timeout: 900_000 }, async () => {
    await project.mustOps("backup");
    const before = await manifest();
    expect(before).toMatch(/^table\tapp\.keepsake\t2501\t/m);
    expect(before).toMatch(/^index\tapp\.keepsake\tn_1\t/m);
    expect(before).toMatch(/^user\tadmin\.reporter\t/m);
    await asRoot(`db.keepsake.insertOne({ n: "after the backup" });`);
    const password = project.secret("restic_password");
    const kept = readFileSync(join(project.dir, ".env"), "utf8");
    await project.mustCompose(["down", "--volumes", "--timeout", "10"]);
    for (const path of ["secrets", "tls", "state", ".env"]) rmSync(join(project.dir, path), { recursive: true, force: true });
    await must("mkdir", ["-m", "0700", join(project.dir, "secrets")]);
    writeFileSync(join(project.dir, "secrets/restic_password"), password, { mode: 0o444 });
    const said = await project.mustOps("restore", ["--yes"], { timeout: 800_000 });
    expect(said).toContain("same sums");
    expect(existsSync(join(project.dir, "secrets/mongo_keyfile"))).toBe(true);
    expect(readFileSync(join(project.dir, ".env"), "utf8")).toBe(kept);
    // The project's own users are made from the secrets, each with a new salt; secrets check logs in as each of them.
    const saltless = (text: string) => text.replaceAll(/^(user\tadmin\.(?:app|app_backup|app_owner|monitor|root))\t.*$/gm, "$1");
    expect(saltless(await manifest())).toBe(saltless(before));
    expect((await project.ops("secrets", ["check"])).code).toBe(0);
    expect(await project.answers()).toBe(200);
  });
});
