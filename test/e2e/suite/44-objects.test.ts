import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { ANSWERS, seedDefect } from "../../defects/apply.ts";
import type { Person } from "../apps/application.ts";
import { imageOf } from "../lib/images.ts";
import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { download, memoryDuring, upload } from "../lib/uploads.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const ports = { http: stack.ports.http + 7, https: stack.ports.https + 7 };
const LONG = { timeout: 600_000 };
const GIB = 1 << 30;
/** What an MP4 begins with: a type that nobody looks into. */
const MP4 = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isommp42", "latin1");

// A project of its own, without rate limits, with a network for each service that is called, a way out, and a disk that can be filled.
stacksWith("uploads", stack.id === "fastapi-arq-minio").describe("objects and jobs, on a stack of its own", () => {
  let project: Project;
  let person: Person;
  let people: readonly Person[];
  const send = (title: string, from = person) => {
    const sent = application.write(title);
    const patience = 170_000;
    return project.edge().call(sent.path, { method: sent.method, text: sent.body, patience, headers: { ...sent.headers, ...from.headers } });
  };
  const well = async () => {
    const health = await project.ops("health", ["--wait", "120"]);
    expect(health.code, health.out + health.err).toBe(0);
  };
  const inside = async (word: string, script: string) => run("docker", ["exec", await project.container(word), "sh", "-c", script]);
  const done = (title: string, count: number) =>
    until(
      () => application.things(project, title, true),
      (ids) => ids.length >= count,
      180_000,
    );

  beforeAll(async () => {
    const name = `${stack.instance}-objects`;
    await Project.open(name, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports, ANSWERS["objects"]);
    seedDefect(project, "objects");
    project.patch("nginx/plan/limits.conf", /rate=\d+r\/m/g, "rate=60000r/m");
    project.patch("nginx/plan/locations.conf", /burst=\d+/g, "burst=2000");
    project.patch("nginx/common/site.conf", "limit_conn connections 100;", "limit_conn connections 1000;");
    project.setEverywhere(application.unlimited);
    // A disk that can be filled, in memory: so the limit of the service is larger by as much.
    project.patch(
      "compose.yaml",
      / {4}volumes:\n {6}- objects:\/data\n([^]*?) {4}tmpfs:\n([^]*?)memory: 1G/,
      "    volumes:\n$1    tmpfs:\n      - /data:size=1500M,mode=0700,uid=10002,gid=10002\n$2memory: 3G",
    );
    project.configure({ EGRESS_HOSTS: "allowed.example.com,.many.example.com" });
    const up = await project.ops("up", ["--production", "--build"], { timeout: 900_000 });
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    people = await application.signIn(project, 20, "objects");
    person = people[0] as Person;
  }, 1_000_000);
  afterAll(() => project?.destroy());

  it("PROD-9 with strict isolation the matrix has no cell without a flow, and holds", LONG, async () => {
    expect(readFileSync(join(project.dir, "docs/architecture/network.md"), "utf8").match(/^\| `.*\(open\)/gm) ?? []).toEqual(
      // Copies of one service do the same, and are on the same network.
      expect.not.arrayContaining([expect.stringMatching(/^\| `(db|redis|minio|backup|migrate|minio-setup|proxy)`/)]),
    );
    const isolation = await project.ops("isolation", [], LONG);
    expect(isolation.code, isolation.out + isolation.err).toBe(0);
  });

  it("NET-3 an upload of 1 GiB goes through with memory that does not grow, and comes back the same", LONG, async () => {
    const services = project.withRoles("edge", "app", "worker", "object-storage");
    const path = `${application.paths.things}?name=large.mp4`;
    const began = Date.now();
    const {
      result: sent,
      before,
      most,
    } = await memoryDuring(project, services, async () => {
      const answer = await upload(project, path, person, GIB, MP4);
      expect(answer.status, answer.text).toBe(201);
      await done("large", 1);
      return answer;
    });
    const figures = services.map((service) => `${service} ${before.get(service)} → ${most.get(service)} MiB`);
    console.log(`1 GiB up and looked into in ${Math.round((Date.now() - began) / 1000)} s: ${figures.join(", ")}`);
    for (const service of project.withRoles("edge", "app", "worker"))
      expect((most.get(service) ?? 0) - (before.get(service) ?? 0), service).toBeLessThan(100);
    const id = application.idOf(sent.text);
    const back = await memoryDuring(project, services, () => download(project, `${application.pathOf(id)}content/`, person));
    expect(back.result).toEqual({ status: 200, sha256: sent.sha256 });
    console.log(`and down: ${services.map((service) => `${service} ${back.before.get(service)} → ${back.most.get(service)} MiB`).join(", ")}`);
    for (const service of project.withRoles("edge", "app"))
      expect((back.most.get(service) ?? 0) - (back.before.get(service) ?? 0), service).toBeLessThan(100);
    expect((await project.edge().call(application.pathOf(id), { method: "DELETE", headers: person.headers })).status).toBe(204);
  });

  it("NET-3 of 500 small uploads at once none is lost", LONG, async () => {
    const title = `Many ${Date.now().toString(36)} `;
    const began = Date.now();
    const answers = await Promise.all(
      Array.from({ length: 500 }, (_, number) => send(`${title}${number}`, people[number % people.length]).catch((error: unknown) => String(error))),
    );
    const failed = answers.filter((answer) => typeof answer === "string" || answer.status !== 201);
    console.log(`500 uploads at once in ${Math.round((Date.now() - began) / 1000)} s, ${failed.length} failed`);
    expect(failed.map((answer) => (typeof answer === "string" ? answer : `${answer.status} ${answer.body}`)).slice(0, 3)).toEqual([]);
    const ids = answers.map((answer) => (typeof answer === "string" ? "" : application.idOf(answer.body))).toSorted();
    expect(await application.things(project, title, false)).toEqual(ids);
    expect(await done(title, 500)).toEqual(ids);
  });

  it("NET-3 no job is lost or done twice when the worker is killed and Redis starts again", LONG, async () => {
    const title = `Rough ${Date.now().toString(36)} `;
    const ids: string[] = [];
    const sending = (async () => {
      for (let number = 0; number < 60; number++) {
        const answer = await send(`${title}${number}`, people[number % people.length]).catch(() => undefined);
        if (answer?.status === 201) ids.push(application.idOf(answer.body));
        await new Promise((wake) => setTimeout(wake, 150));
      }
    })();
    await new Promise((wake) => setTimeout(wake, 2_500));
    await must("docker", ["kill", "-s", "KILL", await project.container("worker")]);
    await must("docker", ["start", await project.container("worker")]);
    await new Promise((wake) => setTimeout(wake, 1_000));
    await must("docker", ["restart", "-t", "5", await project.container("broker")]);
    await sending;
    await well();
    console.log(`${ids.length} of 60 uploads were confirmed while the worker was killed and Redis started again`);
    expect(ids.length).toBeGreaterThan(30);
    const wanted = ids.toSorted();
    // An upload whose answer was lost may be there besides; one that was confirmed must be, once, with its job done.
    const finished = await done(title, wanted.length);
    expect(wanted.filter((id) => !finished.includes(id))).toEqual([]);
    expect(new Set(finished).size).toBe(finished.length);
  });

  it("NET-3 a stopped PostgreSQL is a clear error, and afterwards uploads work without help", LONG, async () => {
    await project.mustCompose(["stop", project.service("database")]);
    try {
      const answer = await send("Nobody home");
      expect([answer.status, answer.headers["content-type"]], answer.body).toEqual([503, expect.stringContaining("application/problem+json")]);
      const large = await upload(project, `${application.paths.things}?name=refused.mp4`, person, 40 << 20, MP4).catch((error: unknown) =>
        String(error),
      );
      expect(typeof large === "string" ? 503 : large.status, JSON.stringify(large)).toBe(503);
    } finally {
      await project.mustCompose(["start", project.service("database")]);
    }
    const again = await until(
      () => send("Back again"),
      (answer) => answer.status === 201,
      60_000,
    );
    expect(again.status, again.body).toBe(201);
    await well();
  });

  it("NET-3 a full disk of the storage is a clear error, loses nothing, and is over when there is room", LONG, async () => {
    const kept = await send("Kept");
    expect(kept.status).toBe(201);
    await inside("s3", "dd if=/dev/zero of=/data/ballast bs=1M 2>/dev/null; :");
    const answer = await send("Nowhere to go");
    expect([503, 507], answer.body).toContain(answer.status);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect((await project.edge().call(application.paths.things, { headers: person.headers })).status).toBe(200);
    await inside("s3", "rm -f /data/ballast");
    const again = await until(
      () => send("Room again"),
      (one) => one.status === 201,
      60_000,
    );
    expect(again.status, again.body).toBe(201);
    await well();
  });

  it("NET-3 a stopped storage is a clear error, and afterwards uploads work without help", LONG, async () => {
    await project.mustCompose(["pause", project.service("s3")]);
    const hung = send("Hung");
    await new Promise((wake) => setTimeout(wake, 3_000));
    await project.mustCompose(["unpause", project.service("s3")]);
    expect((await hung).status, "what waited for it goes on").toBe(201);
  });

  it("NET-3 the application's login uses its bucket and nothing else", async () => {
    const mc = `. /opt/minio/client.sh; alias_of app app "$(cat /dev/stdin)"; for what in "ls app/files" "mb app/other" "admin info app" "admin user ls app" "version suspend app/files"; do mc $what >/tmp/said 2>&1 && echo "$what: done" || echo "$what: refused"; done`;
    const said = await run("docker", ["exec", "-i", await project.container("s3"), "bash", "-c", mc], { input: project.secret("s3_app_secret_key") });
    expect(said.out.trim().split("\n")).toEqual([
      "ls app/files: done",
      "mb app/other: refused",
      "admin info app: refused",
      "admin user ls app: refused",
      "version suspend app/files: refused",
    ]);
    const versions = await inside("s3", ". /opt/minio/client.sh; root && mc version info root/files");
    expect(versions.out + versions.err).toContain("enabled");
  });

  it("SHOP-8 the storage's keys are rotated, and the old ones are refused", LONG, async () => {
    for (const name of ["s3_app_secret_key", "s3_backup_secret_key"]) {
      const old = project.secret(name);
      const said = await project.mustOps("secrets", ["rotate", name]);
      expect(project.secret(name)).not.toBe(old);
      expect(said).toContain("the old one is refused");
    }
    await well();
    expect((await send("After the rotation")).status).toBe(201);
    const check = await project.ops("secrets", ["check"]);
    expect(check.code, check.out + check.err).toBe(0);
  });

  it("NET-6 the egress proxy lets the hosts of its list pass, and no other host or port", LONG, async () => {
    const outside = `${project.name}_outside`;
    const server = `${project.name}-somewhere`;
    const aliases = ["allowed.example.com", "one.many.example.com", "many.example.com", "other.example.com", "allowed.example.com.evil.test"];
    const tls = ["-v", `${project.dir}/tls/edge:/tls:ro`, imageOf("python"), "python", "-c"];
    const listen =
      "import ssl,http.server as h\ns=h.ThreadingHTTPServer(('',443),h.SimpleHTTPRequestHandler)\nc=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER);c.load_cert_chain('/tls/server.crt','/tls/server.key')\ns.socket=c.wrap_socket(s.socket,server_side=True);s.serve_forever()";
    const named = aliases.flatMap((alias) => ["--network-alias", alias]);
    await run("docker", ["rm", "-f", server]);
    await must("docker", ["run", "-d", "--rm", "--name", server, "--network", outside, ...named, ...tls, listen]);
    try {
      const ask = `import http.client, os, sys
proxy = os.environ["HTTPS_PROXY"].rsplit("/", 1)[-1].split(":")
for target in sys.argv[1:]:
    host, port = target.split(":")
    try:
        c = http.client.HTTPConnection(proxy[0], int(proxy[1]), timeout=8); c.set_tunnel(host, int(port)); c.connect(); print(target, "passed")
    except OSError as error: print(target, "refused", error)`;
      const targets = [...aliases.map((alias) => `${alias}:443`), "allowed.example.com:80", "allowed.example.com:22"];
      for (const word of ["app", "worker"]) {
        const container = await project.container(word);
        const passing = (said: string) => said.split("\n").flatMap((line) => (line.endsWith(" passed") ? [line.split(" ")[0]] : []));
        // The server out there needs a moment to start.
        const said = await until(
          () => must("docker", ["exec", container, "python", "-c", ask, ...targets]),
          (out) => passing(out).length >= 2,
          20_000,
        );
        const passed = passing(said);
        expect([word, passed], said).toEqual([word, ["allowed.example.com:443", "one.many.example.com:443"]]);
        // Without the proxy there is no way at all.
        const direct = await run("docker", [
          "exec",
          await project.container(word),
          "python",
          "-c",
          "import socket; socket.create_connection(('allowed.example.com', 443), 3)",
        ]);
        expect(direct.code).not.toBe(0);
      }
    } finally {
      await run("docker", ["rm", "-f", server]);
    }
  });
});
