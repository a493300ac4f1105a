import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { Load } from "../lib/load.ts";
import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);
const keyfile = join(project.dir, "secrets/mongo_keyfile");

const stat = async (file: string): Promise<string> => (await must("stat", ["-c", "%a %u", file])).trim();
const inside = async (words: readonly string[], input = "") =>
  run("docker", ["exec", "-i", await project.container("documents"), ...words], { input });
/** Does MongoDB let this user in? */
const logsIn = async (user: string, value: string) => (await inside(["/opt/login", "try", user], value)).code;
/** JavaScript in the database's container, as one of its users; what it prints. */
const asUser = async (user: string, secret: string, code: string) =>
  inside(
    ["bash", "-c", "cat >/tmp/suite.js && mongosh --nodb --norc --quiet /tmp/suite.js; code=$?; rm -f /tmp/suite.js; exit $code"],
    `load("/opt/mongo/connect.js"); const set = mongo.primary(); mongo.logIn(set, ${JSON.stringify(user)}, ${JSON.stringify(project.secret(secret))});
function tried(what) { try { const said = what(); print(said.ok === 1 ? "ok" : said.codeName); } catch (error) { print(error.codeName ?? error.message); } }
${code}`,
  );

stacksWith("documents", project.find("documents") !== undefined).describe("a keyed replica set", () => {
  it("HARD-1 the keyfile is made once, closed, and unknown to git", async () => {
    const before = readFileSync(keyfile, "utf8");
    expect(before).toMatch(/^[A-Za-z0-9+/=]{1008}$/);
    expect(Buffer.from(before, "base64")).toHaveLength(756);
    // Root can give a file away, others cannot: there the closed folder guards it.
    expect(await stat(keyfile)).toBe(process.getuid?.() === 0 ? "400 999" : `444 ${process.getuid?.()}`);
    expect((await must("stat", ["-c", "%a", join(project.dir, "secrets")])).trim()).toBe("700");
    const script = (JSON.parse(readFileSync(join(project.dir, "package.json"), "utf8")) as { scripts: Record<string, string> }).scripts[
      "generate:mongo-key"
    ];
    const again = await run("bash", ["-c", script ?? "false"], { cwd: project.dir });
    expect(again.code, again.err).toBe(0);
    expect(readFileSync(keyfile, "utf8")).toBe(before);
    if (!existsSync(join(project.dir, ".git"))) await must("git", ["init", "-q", "-b", "main"], { cwd: project.dir });
    expect(await must("git", ["status", "--porcelain", "--untracked-files=all"], { cwd: project.dir })).not.toContain("mongo_keyfile");
  });

  it.runIf(process.getuid?.() === 0)("HARD-1 a keyfile that others can read is refused with the mend", async () => {
    await must("chmod", ["444", keyfile]);
    try {
      const check = await project.ops("secrets", ["check"]);
      expect(check.code).toBe(3);
      expect(check.out).toContain(`chmod 400 '${keyfile}'`);
      const up = await project.ops("secrets", ["init"]);
      expect(up.code).toBe(1);
      expect(up.err).toContain("is open to others");
      // And so does the container, whoever started it.
      const image = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === "mongo").Config.Image as string;
      const start = join(project.dir, "services/mongo/bin");
      const args = [
        "run",
        "--rm",
        "--network",
        "none",
        "--user",
        "999:999",
        "--read-only",
        "--tmpfs",
        "/tmp",
        "--tmpfs",
        "/run/mongo:uid=999,mode=0700",
      ];
      const ran = await run("docker", [
        ...args,
        "-v",
        `${keyfile}:/etc/mongo-keyfile:ro`,
        "-v",
        `${start}:/opt/mongo:ro`,
        "--entrypoint",
        "timeout",
        image,
        "30", // one that takes the key serves until somebody stops it
        "/opt/mongo/start",
        "mongod",
      ]);
      expect(ran.code, ran.err).toBe(1);
      expect(ran.err).toContain("others may read it");
      expect(ran.err).toContain("chmod 400 secrets/mongo_keyfile");
    } finally {
      await must("chmod", ["400", keyfile]);
    }
    expect((await project.ops("secrets", ["check"])).code).toBe(0);
  });

  it("HARD-2 the keyfile is read-only inside and the set initiates itself", async () => {
    const one = (await project.inspect()).find((container) => container.Config.Labels["com.docker.compose.service"] === "mongo");
    expect(one.Mounts.filter((mount: any) => mount.Destination === "/etc/mongo-keyfile").map((mount: any) => mount.RW)).toEqual([false]);
    const said = await inside([
      "sh",
      "-c",
      "echo x >>/etc/mongo-keyfile; stat -c '%a %u' /run/mongo/keyfile; stat -f -c %T /run/mongo/keyfile; tr '\\0' ' ' </proc/1/cmdline",
    ]);
    expect(said.err).toMatch(/Read-only file system|Permission denied/);
    expect(said.out).toMatch(/^400 999\ntmpfs\n/);
    expect(said.out).toContain("--keyFile /run/mongo/keyfile");
    expect(
      await must("docker", ["run", "--rm", "--network", "none", "--entrypoint", "sh", one.Config.Image, "-c", "ls /etc/mongo-keyfile 2>&1 || true"]),
    ).toContain("No such file");
    const status = await asUser(
      "monitor",
      "mongo_monitor_password",
      'print(set.getDB("admin").runCommand({ replSetGetStatus: 1 }).members.map((one) => one.stateStr).join())',
    );
    expect(status.out).toContain("PRIMARY");
    // Again is harmless: it finds everything there. The same container: one that Compose makes without its dependencies is drift to ops/doctor.
    const again = await run("docker", ["start", "--attach", (await project.containers()).get("mongo-init") ?? ""]);
    expect(again.code, again.err).toBe(0);
    expect(again.out).not.toContain("made the user");
  });

  it("HARD-3 frontend reaches neither MongoDB nor Redis, backend both", async () => {
    const networks = new Map(
      (await project.inspect()).map((one) => [one.Config.Labels["com.docker.compose.service"] as string, Object.keys(one.NetworkSettings.Networks)]),
    );
    const on = (service: string) => (networks.get(service) ?? []).map((name) => name.slice(project.name.length + 1)).toSorted();
    expect(on("frontend")).toEqual(["frontend-network"]);
    expect(on("backend")).toEqual(["backend-network", "frontend-network"]);
    expect([on("mongo"), on("redis")]).toEqual([["backend-network"], ["backend-network"]]);
    const addresses = new Map(
      (await project.inspect()).flatMap((one) =>
        Object.values(one.NetworkSettings.Networks as Record<string, any>).map((net) => [
          one.Config.Labels["com.docker.compose.service"] as string,
          net.IPAddress as string,
        ]),
      ),
    );
    const image = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === "redis").Config.Image as string;
    const reaches = async (from: string, host: string, port: number) =>
      (
        await run("docker", [
          "run",
          "--rm",
          "--network",
          `container:${(await project.containers()).get(from)}`,
          "--entrypoint",
          "bash",
          image,
          "-c",
          `timeout 2 bash -c ': </dev/tcp/${host}/${port}'`,
        ])
      ).code === 0;
    for (const [host, port] of [
      ["mongo", 27017],
      ["redis", 6379],
    ] as const) {
      expect(await reaches("backend", host, port), `backend to ${host}`).toBe(true);
      // By its name, and by its address: a name that is not known proves little.
      expect(await reaches("frontend", host, port), `frontend to ${host}`).toBe(false);
      expect(await reaches("frontend", addresses.get(host) ?? "", port), `frontend to ${addresses.get(host)}`).toBe(false);
    }
  });

  it("HARD-4 the application's user cannot change the schema", async () => {
    const said = await asUser(
      "app",
      "mongo_app_password",
      `const db = set.getDB("app");
tried(() => db.runCommand({ find: "tickets", limit: 1 }));
tried(() => db.runCommand({ create: "intruder" }));
tried(() => db.runCommand({ drop: "tickets" }));
tried(() => db.runCommand({ createIndexes: "tickets", indexes: [{ key: { z: 1 }, name: "z" }] }));
tried(() => db.getSiblingDB("admin").runCommand({ usersInfo: 1 }));
tried(() => db.getSiblingDB("other").runCommand({ find: "x" }));`,
    );
    expect(said.out.trim().split("\n")).toEqual(["ok", ...Array.from({ length: 5 }, () => "Unauthorized")]);
    const backup = await asUser(
      "app_backup",
      "mongo_backup_password",
      `tried(() => set.getDB("app").runCommand({ insert: "tickets", documents: [{ _id: "x" }] }));`,
    );
    expect(backup.out.trim()).toBe("Unauthorized");
    const monitor = await asUser("monitor", "mongo_monitor_password", `tried(() => set.getDB("app").runCommand({ find: "users" }));`);
    expect(monitor.out.trim()).toBe("Unauthorized");
    expect([await logsIn("app", project.secret("mongo_app_password")), await logsIn("app", "not-the-password")]).toEqual([0, 1]);
  });

  it("HARD-5 one service under load does not starve another", { timeout: 240_000 }, async () => {
    const people = await stack.application.signIn(project, 6, "starve");
    const frontend = (await project.containers()).get("frontend") ?? "";
    const limit = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === "frontend").HostConfig;
    // As much as it can get, for as long as the others are looked at.
    const burn = run("docker", ["exec", frontend, "sh", "-c", "for n in 1 2 3 4; do timeout 20 sh -c 'while :; do :; done' & done; wait"]);
    await new Promise((wake) => setTimeout(wake, 3_000));
    const used = (await must("docker", ["stats", "--no-stream", "--format", "{{.CPUPerc}}", frontend])).trim();
    const load = new Load(project, stack.application, people, { rate: 5, mix: ["read", "write"] });
    await new Promise((wake) => setTimeout(wake, 10_000));
    const loaded = await load.stop();
    await burn;
    console.log(`frontend at its limit of ${limit.NanoCpus / 1e9}: ${used}; meanwhile ${loaded.sent} requests, ${loaded.failed.length} failed`);
    expect(Number.parseFloat(used)).toBeGreaterThan(10);
    expect(Number.parseFloat(used)).toBeLessThan((limit.NanoCpus / 1e7) * 1.3);
    expect(loaded.failed).toEqual([]);
    // Memory: what asks for more than its share is ended, and nobody else.
    const before = (await project.inspect()).map((one) => `${one.Config.Labels["com.docker.compose.service"]} ${one.State.StartedAt}`).toSorted();
    const eater = await run("docker", ["exec", frontend, "sh", "-c", "head -c 400m /dev/zero | tail -c 400m >/dev/null; echo $?"]);
    expect(eater.out.trim()).not.toBe("0");
    const after = (await project.inspect()).map((one) => `${one.Config.Labels["com.docker.compose.service"]} ${one.State.StartedAt}`).toSorted();
    expect(after.filter((line) => !line.startsWith("frontend "))).toEqual(before.filter((line) => !line.startsWith("frontend ")));
  });

  it("HARD-2 a rotation of the keyfile leaves the new one alone", { timeout: 300_000 }, async () => {
    const old = project.secret("mongo_keyfile");
    const image = async () => (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === "mongo").Image as string;
    const before = await image();
    const said = await project.mustOps("secrets", ["rotate", "mongo_keyfile"]);
    const fresh = project.secret("mongo_keyfile");
    expect(fresh).toMatch(/^[A-Za-z0-9+/=]{1008}$/);
    expect(fresh).not.toBe(old);
    expect(said).not.toContain(fresh.slice(0, 40));
    expect((await inside(["cat", "/run/mongo/keyfile"])).out.trim()).toBe(fresh);
    expect(await image()).toBe(before);
    expect(await stat(keyfile)).toBe(process.getuid?.() === 0 ? "400 999" : `444 ${process.getuid?.()}`);
    expect(await project.answers()).toBe(200);
  });
});
