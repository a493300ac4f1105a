import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);

/** Host pids of a container, by its id in the cgroup path: works for every process in it. */
function pidsOf(id: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(id);
      } catch {
        return false;
      }
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

describe("hardening of the running containers", () => {
  it("PROD-10 every container runs as the compose file says", async () => {
    for (const one of await project.inspect()) {
      const name = one.Config.Labels["com.docker.compose.service"] as string;
      expect(one.Config.User, name).toMatch(/^[1-9]\d*:[1-9]\d*$/);
      expect(one.HostConfig.ReadonlyRootfs, name).toBe(true);
      expect(one.HostConfig.CapDrop, name).toEqual(["ALL"]);
      expect(one.HostConfig.CapAdd ?? [], name).toEqual([]);
      expect(one.HostConfig.SecurityOpt, name).toContain("no-new-privileges:true");
      expect(one.HostConfig.Privileged, name).toBe(false);
      expect(one.HostConfig.Memory, name).toBeGreaterThan(0);
      expect(one.HostConfig.NanoCpus, name).toBeGreaterThan(0);
      expect(one.HostConfig.PidsLimit, name).toBeGreaterThan(0);
      expect(JSON.stringify(one.Mounts), name).not.toContain("docker.sock");
    }
  });

  it("HARD-5 the kernel agrees: no root, no capability, no new privileges in any process", async () => {
    let processes = 0;
    for (const [service, id] of await project.containers()) {
      for (const pid of pidsOf(id)) {
        const status = read(`/proc/${pid}/status`);
        if (status === "") continue;
        processes++;
        const field = (name: string) => new RegExp(`^${name}:\\s*(.+)$`, "m").exec(status)?.[1] ?? "";
        expect(field("Uid").split("\t")[0], service).not.toBe("0");
        for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]) expect(field(set), `${service} ${set}`).toBe("0000000000000000");
        expect(field("NoNewPrivs"), service).toBe("1");
      }
    }
    expect(processes).toBeGreaterThan(10);
  });

  it("HARD-5 nothing can be written outside what is listed", async () => {
    for (const service of project.services()) {
      const ran = await project.compose([
        "exec",
        "-T",
        service,
        "sh",
        "-c",
        "touch /etc/x 2>/dev/null || touch /usr/x 2>/dev/null || touch /opt/x 2>/dev/null",
      ]);
      expect(ran.code, service).not.toBe(0);
    }
  });

  it("HARD-4 no secret shows in inspect, environ, cmdline, logs or layers", async () => {
    const names = project.secrets().filter((name) => name !== "redis_acl");
    const values = names.map((name) => [name, project.secret(name)] as const);
    expect(values.every(([, value]) => value.length >= 32)).toBe(true);
    const places: [string, string][] = [
      ["inspect", JSON.stringify(await project.inspect())],
      ["logs", await project.mustCompose(["logs"])],
      ["compose config", await project.mustCompose(["config"])],
    ];
    for (const [service, id] of await project.containers()) {
      for (const pid of pidsOf(id)) {
        places.push([`${service} environ of ${pid}`, read(`/proc/${pid}/environ`)], [`${service} cmdline of ${pid}`, read(`/proc/${pid}/cmdline`)]);
      }
      places.push([`${service} changed files`, await must("docker", ["diff", id])]);
    }
    const images = new Set((await project.inspect()).map((one) => one.Image as string));
    for (const image of images)
      places.push(
        [`history of ${image}`, await must("docker", ["history", "--no-trunc", image])],
        [`config of ${image}`, await must("docker", ["inspect", image])],
      );
    const shown = places.flatMap(([place, text]) => values.filter(([, value]) => text.includes(value)).map(([name]) => `${name} in ${place}`));
    expect(shown).toEqual([]);
    expect(places.length).toBeGreaterThan(30);
  });

  it("HARD-4 image layers hold no secret file", async () => {
    // zcat -f reads a layer whether the engine stores it compressed or not.
    const search = 'd=$(mktemp -d); docker save $1 | tar -xf - -C "$d"; find "$d" -type f -exec zcat -f {} + | grep -a -c -F -f "$2"; rm -rf "$d"';
    const images = stack.application.images.map((name) => `${project.name}/${name}:dev`).join(" ");
    const count = async (patterns: readonly string[]) =>
      Number((await run("sh", ["-c", search, "sh", images, writePatterns(patterns)], { timeout: 120_000 })).out);
    // What is surely in them must be found, or finding nothing proves nothing.
    expect(await count([stack.application.inImage])).toBeGreaterThan(0);
    const secrets = project.secrets().filter((name) => name !== "redis_acl");
    expect(await count(secrets.map((name) => project.secret(name)))).toBe(0);
  });

  stacksWith("a queue", project.find("broker") !== undefined).it("HARD-4 the Redis password is asked for, and the default user is off", async () => {
    const ask = (command: string) => project.compose(["exec", "-T", project.service("broker"), "sh", "-c", command]);
    expect((await ask("redis-cli -s /tmp/redis.sock ping")).out).toContain("NOAUTH");
    expect((await ask("redis-cli -s /tmp/redis.sock --user health --pass health --no-auth-warning ping")).out).toContain("PONG");
    expect((await ask("redis-cli -s /tmp/redis.sock --user health --pass health --no-auth-warning get x")).out).toContain("NOPERM");
  });

  stacksWith("SQL", project.find("sql") !== undefined).it("HARD-4 the application role cannot change the schema", async () => {
    const said = await asApplication(
      project,
      "select current_user, rolsuper from pg_roles where rolname = current_user; create table intruder (id int); select 'created'",
    );
    expect(said).toContain("app|f");
    expect(said).toContain("permission denied for schema public");
    expect(said).not.toContain("created");
  });

  it("HARD-4 secret files: closed folder, nothing of them in git's reach", async () => {
    expect((await must("stat", ["-c", "%a", join(project.dir, "secrets")])).trim()).toBe("700");
    expect((await must("stat", ["-c", "%a", join(project.dir, "tls")])).trim()).toBe("700");
    const check = await project.ops("secrets", ["check"]);
    expect(check.code, check.out + check.err).toBe(0);
    await must("git", ["init", "-q", "-b", "main"], { cwd: project.dir });
    await must("git", ["add", "-A"], { cwd: project.dir });
    const staged = await must("git", ["ls-files"], { cwd: project.dir });
    expect(staged.split("\n").filter((path) => /^(secrets|tls|instances)\/|^\.env$/.test(path))).toEqual([]);
    const mounted = (await project.inspect()).flatMap((one) =>
      (one.Mounts as any[])
        .map((mount) => relative(project.dir, mount.Source))
        .filter((source) => source.endsWith("ca.key") || /^tls(\/ca.*)?$/.test(source)),
    );
    expect(mounted).toEqual([]);
  });
});

/** SQL as the application's role, with its password, inside the database's container. */
async function asApplication(of: Project, sql: string): Promise<string> {
  const psql = "PGPASSWORD=$(</run/secrets/db_app_password) exec psql -X -q -A -t -v ON_ERROR_STOP=1 -h 127.0.0.1 -U app -d app";
  const ran = await run("docker", ["exec", "-i", await of.container("sql"), "bash", "-c", psql], { input: sql });
  return ran.out + ran.err;
}

function writePatterns(patterns: readonly string[]): string {
  const file = join(project.dir, "..", "patterns");
  writeFileSync(file, `${patterns.join("\n")}\n`, { mode: 0o600 });
  return file;
}
