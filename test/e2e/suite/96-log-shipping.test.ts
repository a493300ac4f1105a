import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ANSWERS, seedDefect } from "../../defects/apply.ts";
import type { Person } from "../apps/application.ts";
import { Alerts } from "../lib/alerts.ts";
import { Collector, shipperAlone, type Shipped } from "../lib/collector.ts";
import { imageOf, makeImage } from "../lib/images.ts";
import { isThere, Outside } from "../lib/outside.ts";
import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
// One request's way is looked for through edge, application and job.
const first = Project.open(stack.instance, stack.ports);
const offered = first.offers("logShipping") && first.find("worker") !== undefined;
const ports = { http: stack.ports.http + 5, https: stack.ports.https + 5 };
const name = `${stack.instance}-logs`;
const LONG = { timeout: 400_000 };
const TOKEN = "lets-the-suite-write-0123456789abcdef";

// Fluent Bit is in no package registry, so where its image cannot be pulled this does not run, and test/report.mjs says so.
const fluentBit = imageOf("fluent-bit");
const there = offered && ((await isThere(fluentBit)) || (await run("docker", ["pull", "-q", fluentBit], { timeout: 300_000 })).code === 0);

const without = there ? "" : ` (${offered ? "no stand-in" : "not in this stack"}: ${fluentBit})`;

describe.skipIf(!there)(`log shipping${without}`, () => {
  const collector = new Collector(`${name}-collector`, stack.ports.https + 7);
  let project: Project;
  let alerts: Alerts;
  let person: Person;
  let asked = 0;

  /** One request with an id of its own; how long it took. */
  const visit = async (path = application.paths.things, more: Readonly<Record<string, string>> = {}) => {
    const id = `shipped-${Date.now().toString(36)}-${asked++}`;
    const began = performance.now();
    const answer = await project.edge().call(path, { headers: { ...person.headers, "x-request-id": id, ...more } });
    return { id, status: answer.status, took: performance.now() - began };
  };
  const of = async (id: string) => (await collector.lines()).filter((line) => line["request_id"] === id);
  const arrived = (ids: readonly string[], limit: number) =>
    until(
      async () => {
        const known = new Set((await collector.lines()).map((line) => line["request_id"]));
        return ids.filter((id) => !known.has(id));
      },
      (missing) => missing.length === 0,
      limit,
    );
  const shell = async (script: string) => must("docker", ["exec", (await project.containers()).get("log-shipper") ?? "", "sh", "-c", script]);
  const status = (...more: readonly string[]) => project.ops("log-shipping", more);

  beforeAll(async () => {
    await makeImage("busybox");
    await collector.boot(TOKEN);
    await Project.open(name, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports, ANSWERS["logs"]);
    alerts = new Alerts(project);
    seedDefect(project, "logs");
    alerts.hurry();
    project.patch("services/prometheus/rules/log-shipping.yml", /\[(5|15)m\]/g, "[40s]");
    project.patch("compose.yaml", "  APP_ENV: production\n", "  APP_ENV: production\n  RATE_LIMIT_API: 1000000/min\n");
    const own = { LOG_SHIPPING_PORT: String(stack.ports.http + 6) };
    project.configure(own);
    const refused = await project.ops("up", ["--production"], LONG);
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/log_token\n.*next: ops\/secrets set log_token/)]);
    await project.mustOps("secrets", ["set", "log_token"], { input: TOKEN });
    const nowhere = await project.ops("up", ["--production"], LONG);
    expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringMatching(/LOG_SHIPPING_URL is empty/)]);
    project.configure({ ...own, LOG_SHIPPING_URL: `${collector.url}/ingest` });
    writeFileSync(join(project.dir, "tls/log-shipping/ca.crt"), collector.authority);
    const up = await project.ops("up", ["--production", "--build"], LONG);
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    person = (await application.signIn(project, 1, "logs"))[0] ?? { headers: {} };
  });
  afterAll(async () => {
    await project?.destroy();
    await collector.destroy();
  });

  it("PROD-6 the lines of one request arrive with their fields, and no token is seen", async () => {
    const id = `shipped-job-${Date.now()}`;
    const sent = application.write("Shipped");
    const headers = { ...sent.headers, ...person.headers, "x-request-id": id };
    const created = await project.edge().call(sent.path, { method: sent.method, text: sent.body, headers });
    expect(created.status, created.body).toBe(201);
    const services = (lines: readonly Shipped[]) => [...new Set(lines.map((line) => line["service"]))].toSorted();
    const lines = await until(
      () => of(id),
      (found) => services(found).length === 3,
      30_000,
    );
    expect(services(lines)).toEqual([project.service("app"), project.service("edge"), project.service("worker")].toSorted());
    for (const line of lines) {
      for (const field of ["timestamp", "level", "version", "message"]) expect(line, JSON.stringify(line)).toHaveProperty(field);
      expect(line).toMatchObject({ compose_project: name, compose_service: expect.stringContaining(String(line["service"])), stream: "stdout" });
    }
    // Numbers stay numbers, and nothing was lost on the way: the line itself, as the engine keeps it.
    const own = (await project.logs("proxy")).split("\n").find((line) => line.includes(id));
    expect(lines.find((line) => line["service"] === "proxy")).toMatchObject(JSON.parse(own ?? "{}") as object);
    // What is no JSON is text.
    const database = (await collector.lines()).find((line) => line["compose_service"] === "db");
    expect(database).toMatchObject({ service: "db", message: expect.stringMatching(/\w/) });
    expect(await shell("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr '\\0' '\\n'")).not.toContain(TOKEN);
    const shown = JSON.stringify(await project.inspect()) + (await project.logs("log-shipper"));
    expect(shown).not.toContain(TOKEN);
    expect((await status()).out).toMatch(/logs are shipped: \d+ lines taken in/);
  });

  it("PROD-6 bytes that are no text arrive as something that is", async () => {
    // Node would encode them: by hand.
    const id = `shipped-bytes-${Date.now()}`;
    const request = `printf 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nX-Request-ID: ${id}\\r\\nUser-Agent: a\\377b\\r\\nConnection: close\\r\\n\\r\\n'`;
    await run("sh", ["-c", `${request} | timeout 10 openssl s_client -quiet -connect 127.0.0.1:${ports.https} -servername localhost`]);
    expect(await arrived([id], 20_000)).toEqual([]);
    const after = await visit();
    expect(await arrived([after.id], 20_000)).toEqual([]);
  });

  it("PROD-6 Prometheus asks the shipper, and the matrix holds", LONG, async () => {
    const job = () => alerts.query('up{job="log-shipper"} == 1');
    expect(await until(job, (found) => found.length === 1, 30_000)).toHaveLength(1);
    const isolation = await project.ops("isolation", [], LONG);
    expect(isolation.code, isolation.out + isolation.err).toBe(0);
    const published = (await project.inspect()).flatMap((one) =>
      Object.values(one.NetworkSettings.Ports as Record<string, { HostIp: string }[] | null>).flatMap((bindings) =>
        (bindings ?? []).map(({ HostIp }) => `${one.Config.Labels["com.docker.compose.service"]} ${HostIp}`),
      ),
    );
    expect(published.filter((line) => line.startsWith("log-shipper"))).toEqual(["log-shipper 127.0.0.1"]);
  });

  it("PROD-6 a collector that is down for a minute loses no line, and nobody waits for it", LONG, async () => {
    await collector.down();
    const began = Date.now();
    const ids: string[] = [];
    let slowest = 0;
    while (Date.now() - began < 62_000) {
      const { id, status: code, took } = await visit();
      expect(code).toBe(200);
      ids.push(id);
      slowest = Math.max(slowest, took);
      // In the middle of it the shipper itself starts again: what waits is on the disk.
      if (ids.length === 40) await project.mustCompose(["restart", "log-shipper"], LONG);
      await new Promise((wake) => setTimeout(wake, 200));
    }
    expect(await alerts.fires("LogShippingFails", true, 60_000)).toBe(true);
    const told = await status("--minutes", "0");
    expect([told.code, told.out]).toEqual([3, expect.stringContaining("lines wait for more than 0 minutes")]);
    await collector.up();
    const back = Date.now();
    const missing = await arrived(ids, 90_000);
    const twice =
      (await collector.lines()).filter((line) => line["compose_service"] === "proxy" && ids.includes(String(line["request_id"]))).length - ids.length;
    console.log(
      `collector down for 62 s: ${ids.length} requests, slowest ${Math.round(slowest)} ms, ${missing.length} lines missing ${Math.round((Date.now() - back) / 1000)} s after its return, ${twice} twice`,
    );
    expect(missing).toEqual([]);
    expect(slowest).toBeLessThan(5_000);
    expect(await alerts.fires("LogShippingFails", false, 60_000)).toBe(false);
    expect(
      await until(
        () => status("--minutes", "0"),
        (ran) => ran.code === 0,
        70_000,
      ),
    ).toMatchObject({ code: 0 });
  });

  it("PROD-6 without the shipper everything else works", LONG, async () => {
    await project.mustCompose(["stop", "log-shipper"], LONG);
    const first = await visit();
    expect(first.status).toBe(200);
    for (const service of application.images) await must("docker", ["tag", `${project.name}/${service}:dev`, `${project.name}/${service}:1.0.1`]);
    const began = Date.now();
    const deployed = await project.ops("deploy", ["1.0.1", "--no-build"], LONG);
    expect(deployed.code, deployed.out + deployed.err).toBe(0);
    const took = Date.now() - began;
    const second = await visit();
    expect(second.status).toBe(200);
    const stopping = Date.now();
    await project.mustCompose(["restart", "frontend"], LONG);
    const restarted = Date.now() - stopping;
    // On this host everything is seen as ever.
    expect(await project.mustOps("logs", ["--request-id", second.id])).toContain(second.id);
    const told = await status();
    expect([told.code, told.out]).toEqual([3, expect.stringContaining("log-shipper does not run: lines are on this host alone")]);
    const doctor = await project.ops("doctor", ["--quiet"], LONG);
    expect([doctor.code, doctor.out]).toEqual([3, expect.stringContaining("log-shipper does not run")]);
    await project.mustCompose(["start", "log-shipper"], LONG);
    // The engine kept what came in between, for services that still run; and what comes now arrives.
    const missing = await arrived([second.id], 60_000);
    const third = await visit();
    expect(await arrived([third.id], 30_000)).toEqual([]);
    console.log(
      `without the shipper: a deploy took ${Math.round(took / 1000)} s, a restart ${Math.round(restarted / 1000)} s; lines of in between missing afterwards: ${missing.length}`,
    );
    expect(missing).toEqual([]);
    expect(restarted).toBeLessThan(30_000);
  });

  it("PROD-6 another token, and a stranger's certificate", LONG, async () => {
    const id = (await project.containers()).get("log-shipper");
    await collector.token("another-token-0123456789abcdef");
    const held = await visit();
    expect(
      await until(
        () => collector.refused(),
        (count) => count > 0,
        30_000,
      ),
    ).toBeGreaterThan(0);
    expect(await of(held.id)).toEqual([]);
    await project.mustOps("secrets", ["set", "log_token"], { input: "another-token-0123456789abcdef" });
    expect(await arrived([held.id], 90_000)).toEqual([]);
    expect((await project.containers()).get("log-shipper")).toBe(id);

    const stranger = new Outside(`${name}-stranger`, stack.ports.https + 8);
    mkdirSync(stranger.tls, { recursive: true });
    await must(
      "sh",
      [
        "-ec",
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout k -out ca.crt -days 2 -subj /CN=stranger 2>/dev/null",
      ],
      { cwd: stranger.tls },
    );
    writeFileSync(join(project.dir, "tls/log-shipping/ca.crt"), stranger.authority);
    await project.mustCompose(["restart", "log-shipper"], LONG);
    const kept = await visit();
    await new Promise((wake) => setTimeout(wake, 8_000));
    expect(await of(kept.id)).toEqual([]);
    expect(await project.logs("log-shipper")).toMatch(/certificate/i);
    writeFileSync(join(project.dir, "tls/log-shipping/ca.crt"), collector.authority);
    await project.mustCompose(["restart", "log-shipper"], LONG);
    expect(await arrived([kept.id], 60_000)).toEqual([]);
    rmSync(stranger.tls, { recursive: true, force: true });
  });

  it.each(["loki", "elasticsearch"])("PROD-6 what %s would get is what it takes", LONG, async (to) => {
    const other = await Project.scaffold(stack.id, `${name}-${to}`, ports, [`logShipping=${to}`]);
    const port = stack.ports.https + 8;
    const options = shipperAlone(to, project, other, collector, port);
    const driver = { "fluentd-address": `127.0.0.1:${port}`, tag: "log", labels: "com.docker.compose.project,com.docker.compose.service" };
    const labels = ["--label", `com.docker.compose.service=${to}`, "--label", "com.docker.compose.project=other"];
    const line = {
      timestamp: "2026-01-01T00:00:00.000Z",
      level: "info",
      service: "x",
      request_id: `${to}-${Date.now()}`,
      duration_ms: 1.5,
      message: "one",
    };
    try {
      await must("docker", ["run", "-d", ...options, `${project.name}/log-shipper:dev`]);
      const up = () => run("docker", ["exec", other.name, "/opt/log-shipper/bin/health"]);
      expect((await until(up, ({ code }) => code === 0, 20_000)).code).toBe(0);
      const log = ["--log-driver", "fluentd", ...Object.entries(driver).flatMap(([key, value]) => ["--log-opt", `${key}=${value}`])];
      await must("docker", ["run", "--rm", ...log, ...labels, imageOf("python"), "echo", JSON.stringify(line)]);
      const found = await until(
        async () => (await collector.lines()).find((one) => (one["line"] as Shipped | undefined)?.["request_id"] === line.request_id),
        (one) => one !== undefined,
        20_000,
      );
      if (to === "loki")
        expect(found).toMatchObject({ labels: { project: "other", service: "loki", level: "info" }, line: { duration_ms: 1.5, message: "one" } });
      else expect(found).toMatchObject({ action: { create: { _index: "logs-test", _id: expect.any(String) } }, line });
    } finally {
      await run("docker", ["rm", "-fv", other.name]);
      rmSync(other.dir, { recursive: true, force: true });
    }
  });

  it("PROD-6 lines that are given up are told", LONG, async () => {
    expect(await alerts.fires("LogLinesLost", false)).toBe(false);
    await collector.down();
    // A buffer that is full soon.
    project.patch("services/log-shipper/conf/http.yaml", "storage.total_limit_size: 1G", "storage.total_limit_size: 64K");
    await project.mustCompose(["restart", "log-shipper"], LONG);
    for (let request = 0; request < 200; request++) await visit("/api/v1/health/");
    expect(await alerts.fires("LogLinesLost", true, 120_000)).toBe(true);
    expect((await status("--minutes", "9")).out).toMatch(/\d+ lines were given up/);
    // With room again; a line of now could be among those that the small buffer gave up.
    await collector.up();
    project.patch("services/log-shipper/conf/http.yaml", "storage.total_limit_size: 64K", "storage.total_limit_size: 1G");
    await project.mustCompose(["restart", "log-shipper"], LONG);
    const after = await visit();
    expect(await arrived([after.id], 90_000)).toEqual([]);
  });
});
