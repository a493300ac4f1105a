import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { ANSWERS, seedDefect } from "../../defects/apply.ts";
import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { Vault } from "../lib/vault.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const ports = { http: stack.ports.http + 5, https: stack.ports.https + 5 };
const name = `${stack.instance}-vault`;
const LONG = { timeout: 400_000 };
const OWN = ["vault_role_id", "vault_secret_id"];

/** Prints each line of the values' file that shows up in a command line or an environment of this machine, until it is stopped. */
const WATCH = `while :; do LC_ALL=C grep -aosF -f "$1" /proc/[0-9]*/cmdline /proc/[0-9]*/environ; done`;

const first = Project.open(stack.instance, stack.ports);
// Of a stack with one database: the names are written out below.
stacksWith("Vault", first.offers("secretsProvider") && first.secretName("db_app_password") === "db_app_password").describe(
  "secrets that live in Vault",
  () => {
    const vault = new Vault(`${name}-server`, stack.ports.https + 7);
    let project: Project;
    const path = (secret: string) => `${name}/${secret}`;
    /** Those that have their home in Vault. */
    const kept = () => project.secrets().filter((one) => !OWN.includes(one) && one !== "redis_acl");
    const set = (secret: string, input: string) => project.mustOps("secrets", ["set", secret], { input });
    const up = (...more: readonly string[]) => project.ops("up", ["--production", ...more], LONG);
    const remove = (secret: string) => rmSync(join(project.dir, "secrets", secret));
    const overwrite = (secret: string, value: string) => {
      const file = join(project.dir, "secrets", secret);
      if (existsSync(file)) chmodSync(file, 0o644);
      writeFileSync(file, value);
      chmodSync(file, 0o444);
    };
    const answers = () => project.answers(20_000);

    beforeAll(async () => {
      await vault.boot();
      console.log(`Vault: ${vault.used}`);
      await Project.open(name, ports).destroy();
      project = await Project.scaffold(stack.id, name, ports, ANSWERS["vault"]);
      seedDefect(project, "vault");
      project.configure({ VAULT_ADDR: vault.url, VAULT_PATH: name });
      mkdirSync(join(project.dir, "tls/vault"), { recursive: true });
      writeFileSync(join(project.dir, "tls/vault/ca.crt"), vault.authority);
      const refused = await up();
      expect([refused.code, refused.err]).toEqual([
        1,
        expect.stringMatching(/vault_role_id is not here yet[^]*next: ops\/secrets set vault_role_id/),
      ]);
      expect(readdirSync(join(project.dir, "secrets")).filter((one) => !one.startsWith("."))).toEqual([]);
      await set("vault_role_id", await vault.role("shop", name, ["create", "read", "update"]));
      await set("vault_secret_id", await vault.wrappedSecretId("shop"));
      const first = await up("--build");
      expect(first.code, first.out.slice(-4000) + first.err.slice(-4000)).toBe(0);
    });
    afterAll(async () => {
      await project?.destroy();
      await vault.destroy();
    });

    it("PROD-13 what was made on the first start is in Vault, byte for byte, and the wrapped id was opened once", async () => {
      expect(kept().length).toBeGreaterThan(5);
      for (const secret of kept()) expect((await vault.value(path(secret)))?.value, secret).toBe(project.secret(secret));
      for (const secret of [...OWN, "redis_acl"]) expect(await vault.value(path(secret)), secret).toBeUndefined();
      expect(project.secret("vault_secret_id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(existsSync(join(project.dir, "secrets/.exchange"))).toBe(false);
      const check = await project.ops("secrets", ["check"]);
      expect(check.code, check.out + check.err).toBe(0);
      // It runs for some seconds only, and neither health nor the matrix miss it.
      expect((await project.containers()).has("vault")).toBe(false);
      for (const script of ["health", "isolation"]) expect((await project.ops(script, [], LONG)).code, script).toBe(0);
    });

    it("PROD-13 an empty host gets every secret from Vault", LONG, async () => {
      const before = new Map(kept().map((secret) => [secret, project.secret(secret)]));
      await project.mustOps("down");
      for (const secret of [...before.keys(), "redis_acl"]) remove(secret);
      const values = join((await must("mktemp", ["-d"])).trim(), "values");
      writeFileSync(values, `${[...before.values(), project.secret("vault_secret_id")].join("\n")}\n`);
      const watch = spawn("sh", ["-c", WATCH, "sh", values], { stdio: ["ignore", "pipe", "ignore"] });
      let seen = "";
      watch.stdout.on("data", (chunk: Buffer) => (seen += chunk.toString("latin1")));
      const pulled = await vault.haltingly(project.ops("secrets", ["pull"], LONG));
      watch.kill("SIGKILL");
      expect(pulled.code, pulled.out + pulled.err).toBe(0);
      expect(seen.slice(0, 500)).toBe("");
      for (const [secret, value] of before) {
        expect(project.secret(secret), secret).toBe(value);
        expect(pulled.out + pulled.err, secret).not.toContain(value);
        expect(statSync(join(project.dir, "secrets", secret)).mode & 0o777, secret).toBe(0o444);
      }
      const again = await up("--no-build");
      expect(again.code, again.out.slice(-3000) + again.err.slice(-3000)).toBe(0);
      expect(await answers()).toBe(200);
      rmSync(values);
    });

    it("PROD-13 a rotation is in Vault first, and is finished after a kill", LONG, async () => {
      const old = project.secret("db_app_password");
      await project.rotationKilledAfter("offered", "db_app_password");
      const stored = await vault.value(path("db_app_password"));
      expect(stored?.value).toMatch(/^[0-9a-f]{64}$/);
      expect(stored?.value).not.toBe(old);
      await project.mustOps("secrets", ["rotate", "db_app_password"], LONG);
      expect(project.secret("db_app_password")).toBe(stored?.value);
      expect(await answers()).toBe(200);
      // A key that signs: Vault keeps the older one for as long as it is believed.
      await project.mustOps("secrets", ["rotate", "django_secret_key"], LONG);
      expect(project.secret("django_secret_key").split("\n")).toHaveLength(2);
      expect((await vault.value(path("django_secret_key")))?.value).toBe(project.secret("django_secret_key"));
      await project.mustOps("secrets", ["retire", "django_secret_key"], LONG);
      expect((await vault.value(path("django_secret_key")))?.value).toBe(project.secret("django_secret_key"));
    });

    it("PROD-13 a value that somebody changed in Vault is told, and taken by a rotation", LONG, async () => {
      const theirs = "c0ffee".repeat(11).slice(0, 64);
      await vault.put(path("redis_password"), theirs);
      const before = project.secret("redis_password");
      for (const command of ["pull", "check"]) {
        const told = await project.ops("secrets", [command]);
        expect([told.code, told.out]).toEqual([
          3,
          expect.stringContaining("redis_password is another one in Vault than here — ops/secrets rotate redis_password --take"),
        ]);
      }
      expect(project.secret("redis_password")).toBe(before);
      await project.mustOps("secrets", ["rotate", "redis_password", "--take"], LONG);
      expect(project.secret("redis_password")).toBe(theirs);
      expect((await project.ops("secrets", ["check"])).code).toBe(0);
      expect(await answers()).toBe(200);
    });

    it("PROD-13 push brings what a project of files has, and never over another value unasked", LONG, async () => {
      await vault.role("other", `${name}-other`, ["create", "read", "update"]);
      project.patch(".env", /^VAULT_PATH=.*/gm, `VAULT_PATH=${name}-other`);
      const mine = { role: project.secret("vault_role_id"), secret: project.secret("vault_secret_id") };
      const denied = await project.ops("secrets", ["pull"]);
      expect([denied.code, denied.err]).toEqual([1, expect.stringMatching(/the role may not read secret\/data\/.*-other/)]);
      overwrite("vault_role_id", await vault.role("other", `${name}-other`, ["create", "read", "update"]));
      overwrite("vault_secret_id", await vault.secretId("other"));
      await vault.put(`${name}-other/db_owner_password`, "another");
      const pushed = await project.ops("secrets", ["push"]);
      expect(pushed.code, pushed.out + pushed.err).toBe(3);
      expect(pushed.out).toContain("db_owner_password is another one in Vault than here");
      expect((await vault.value(`${name}-other/db_app_password`))?.value).toBe(project.secret("db_app_password"));
      expect((await vault.value(`${name}-other/db_owner_password`))?.value).toBe("another");
      await project.mustOps("secrets", ["push", "db_owner_password"]);
      // Deleted there by mistake: brought again from here, but never made anew where it is not here either.
      await vault.remove(`${name}-other/restic_password`);
      await project.mustOps("secrets", ["push"]);
      expect((await vault.value(`${name}-other/restic_password`))?.value).toBe(project.secret("restic_password"));
      const restic = project.secret("restic_password");
      await vault.remove(`${name}-other/restic_password`);
      remove("restic_password");
      const deleted = await project.ops("secrets", ["pull"]);
      expect([deleted.code, deleted.err]).toEqual([1, expect.stringMatching(/restic_password is not here, and was deleted in Vault/)]);
      overwrite("restic_password", restic);
      await project.mustOps("secrets", ["push"]);
      expect((await project.ops("secrets", ["check"])).code).toBe(0);
      project.patch(".env", /^VAULT_PATH=.*/gm, `VAULT_PATH=${name}`);
      overwrite("vault_role_id", mine.role);
      overwrite("vault_secret_id", mine.secret);
    });

    it("PROD-13 a Vault that is sealed, away or refuses is named, and the stack lives", LONG, async () => {
      const value = project.secret("db_app_password");
      const lives = async (reason: RegExp) => {
        const again = await up("--no-build");
        expect([again.code, again.err]).toEqual([0, expect.stringMatching(reason)]);
        expect(again.err).toMatch(/The files in secrets are used/);
        expect(await answers()).toBe(200);
        const check = await project.ops("secrets", ["check"]);
        expect([check.code, check.out]).toEqual([3, expect.stringMatching(reason)]);
        const rotated = await project.ops("secrets", ["rotate", "db_app_password"]);
        expect([rotated.code, rotated.err]).toEqual([1, expect.stringMatching(reason)]);
        expect([project.secret("db_app_password"), existsSync(join(project.dir, "secrets/.rotate/db_app_password"))]).toEqual([value, false]);
      };

      await vault.seal();
      await lives(/is sealed/);
      // What is not here cannot be made: it is in Vault, and another one would not open the database.
      remove("db_backup_password");
      const without = await up("--no-build");
      expect([without.code, without.err]).toEqual([1, expect.stringMatching(/is sealed; and not here either: db_backup_password\n.*unseal/)]);
      await vault.unseal();
      await project.mustOps("secrets", ["pull"]);

      await vault.down();
      await lives(/does not answer/);
    });

    it("PROD-13 a stranger's certificate, a stolen wrapped id and a role that may not write are named", LONG, async () => {
      // The server's memory went with it: a new one, with the same values brought by push.
      await vault.boot();
      const trust = join(project.dir, "tls/vault/ca.crt");
      const stranger = await project.ops("secrets", ["pull"]);
      expect([stranger.code, stranger.err]).toEqual([1, expect.stringMatching(/does not answer: .*certificate/i)]);
      writeFileSync(trust, vault.authority);
      overwrite("vault_role_id", await vault.role("shop", name, ["create", "read", "update"]));
      const refused = await project.ops("secrets", ["pull"]);
      expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/role id and secret id are refused[^]*next: a new secret id/)]);
      const ticket = await vault.wrappedSecretId("shop");
      await vault.steal(ticket);
      await set("vault_secret_id", ticket);
      const stolen = await project.ops("secrets", ["pull"]);
      expect([stolen.code, stolen.err]).toEqual([1, expect.stringMatching(/somebody else has opened it[^]*have the secret id revoked/)]);
      await set("vault_secret_id", await vault.wrappedSecretId("shop"));
      await project.mustOps("secrets", ["push"]);
      expect((await project.ops("secrets", ["check"])).code).toBe(0);

      overwrite("vault_role_id", await vault.role("reader", name, ["read"]));
      overwrite("vault_secret_id", await vault.secretId("reader"));
      await project.mustOps("secrets", ["pull"]);
      const readOnly = await project.ops("secrets", ["rotate", "db_app_password"]);
      expect([readOnly.code, readOnly.err]).toEqual([1, expect.stringMatching(/the role may not write secret\/data\//)]);
      // Nothing believes in the new value yet; with a right to write the same command goes on.
      overwrite("vault_role_id", await vault.role("shop", name, ["create", "read", "update"]));
      overwrite("vault_secret_id", await vault.secretId("shop"));
      await project.mustOps("secrets", ["rotate", "db_app_password"], LONG);
      expect(await answers()).toBe(200);
      expect((await project.ops("secrets", ["check"])).code).toBe(0);
    });

    it("PROD-13 the agent alone is on the network with the way to Vault, and leaves nothing behind", async () => {
      const on = await must("docker", ["network", "inspect", `${name}_vault`, "-f", "{{range .Containers}}{{.Name}} {{end}}"]);
      expect(on.trim()).toBe("");
      const left = await run("docker", [
        "ps",
        "-aq",
        "--filter",
        `label=com.docker.compose.project=${name}`,
        "--filter",
        "label=com.docker.compose.service=vault",
      ]);
      expect(left.out.trim()).toBe("");
      const leaks = await project.ops("secrets", ["leak-check"], LONG);
      expect(leaks.code, leaks.out + leaks.err).toBe(0);
    });
  },
);
