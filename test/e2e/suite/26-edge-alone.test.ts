import { Agent } from "node:https";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { edgeAlone, logged, NINE, startEdge } from "../lib/edge-alone.ts";
import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { paths } = stack.application;
const settings = { DOMAIN: "localhost,app.example.com,.example.org", SECURITY_CONTACT: "security@example.com,https://example.com/report" };

describe("an edge by itself, with settings of its own", () => {
  let project: Project;
  let peer = "";
  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });

  beforeAll(async () => {
    project = await edgeAlone(Project.open(stack.instance, stack.ports), stack, settings);
    const id = `peer-${Date.now()}`;
    await project.edge().call("/", { headers: { "x-request-id": id, "x-forwarded-for": "203.0.113.1" } });
    peer = (await logged(project, id))["remote_addr"] ?? "";
    expect(peer).toMatch(/^[0-9.]+$/);
    expect(peer).not.toBe("203.0.113.1");
    project.configure({ ...settings, TRUSTED_PROXIES: `${peer},198.51.100.0/24` });
    await startEdge(project);
  });
  afterAll(() => project?.destroy());

  it("PROD-7 all names of DOMAIN are served, with HSTS for two years where the name is real", async () => {
    for (const name of ["app.example.com", "example.org", "shop.example.org"]) {
      const answer = await project.edge().call("/health", { servername: name, headers: { host: `${name}:${stack.edgePorts.https}` } });
      expect([name, answer.status]).toEqual([name, 200]);
      expect(answer.headers["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains");
    }
    expect((await project.edge().call("/health", { headers: { host: "example.com" } })).status).toBe(421);
  });

  it("PROD-7 security.txt says where to report, and until when", async () => {
    const answer = await project.edge().call("/.well-known/security.txt");
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(answer.body).toContain("Contact: mailto:security@example.com\nContact: https://example.com/report\n");
    const expires = Date.parse(/^Expires: (.+)$/m.exec(answer.body)?.[1] ?? "");
    expect(expires).toBeGreaterThan(Date.now() + 86_400_000 * 30);
    expect(expires).toBeLessThan(Date.now() + 86_400_000 * 366);
    for (const header of NINE) expect(answer.headers[header], header).toBeDefined();
  });

  it("PROD-8 a trusted proxy says who the client is, and what the client wrote before it does not count", async () => {
    for (const [claimed, counted] of [
      ["203.0.113.9", "203.0.113.9"],
      ["6.6.6.6, 203.0.113.9", "203.0.113.9"],
      // Two proxies, both in the list.
      ["6.6.6.6, 203.0.113.9, 198.51.100.7", "203.0.113.9"],
      ["nonsense", peer],
    ] as const) {
      const id = `xff-${Math.random().toString(36).slice(2)}`;
      await project.edge().call("/", { headers: { "x-forwarded-for": claimed, "x-request-id": id } });
      const line = await logged(project, id);
      expect([claimed, line["remote_addr"], line["peer_addr"]]).toEqual([claimed, counted, peer]);
    }
  });

  it("PROD-8 IPv6 clients count by /64, however their address is written", async () => {
    const login = async (address: string) => (await project.edge().call(paths.login, { method: "POST", ...from(address) })).status;
    // One /64, of which nginx writes 2001:db8::1:0:0:1, 2001:db8:0:0:1::, 2001:db8::5.
    const household = ["2001:db8::1:0:0:1", "2001:db8:0:0:1::", "2001:db8::5", "2001:db8:0:0:ffff:ffff:ffff:ffff"];
    for (let i = 0; i < 6; i++) expect(await login(household[i % 4] ?? "")).toBe(503);
    for (const address of household) expect([address, await login(address)]).toEqual([address, 429]);
    // Neighbours, and one whose text begins alike.
    for (const address of ["2001:db8:0:1::5", "2001:db8:1::5", "2001::db8", "2001:0:0:5:1:2:3:4"])
      expect([address, await login(address)]).toEqual([address, 503]);
  });

  it("PROD-8 an IPv4 address inside an IPv6 one counts as itself", async () => {
    const login = async (address: string) => (await project.edge().call(paths.login, { method: "POST", ...from(address) })).status;
    for (let i = 0; i < 6; i++) await login("203.0.113.77");
    expect(await login("::ffff:203.0.113.77")).toBe(429);
    expect(await login("::ffff:203.0.113.78")).toBe(503);
  });

  it("PROD-7 maintenance: a page for browsers, JSON for programs, /health as before, after a restart as well", async () => {
    const message = 'Moving <b>house</b> & "disks" <!--# echo var="document_root" --> %SINCE%';
    const browser = { headers: { accept: "text/html,application/xhtml+xml", "x-forwarded-for": "203.0.113.20" } };
    expect(await project.mustOps("maintenance", ["on", "--message", message, "--allow", "203.0.113.99"])).toContain("maintenance is on since");
    const look = async () => {
      const page = await project.edge().call("/some/page", browser);
      expect([page.status, page.headers["content-type"], page.headers["retry-after"]]).toEqual([503, "text/html; charset=utf-8", "120"]);
      expect(page.body).toContain("Moving &lt;b&gt;house&lt;/b&gt; &amp; &quot;disks&quot; &lt;!--# echo");
      expect(page.body).not.toContain("%MESSAGE%");
      const json = await project.edge().call(paths.things, { method: "POST", body: {} });
      expect([json.status, json.headers["content-type"], json.headers["retry-after"]]).toEqual([503, "application/problem+json", "120"]);
      expect(JSON.parse(json.body)).toEqual({
        type: "about:blank",
        title: "Service Unavailable",
        status: 503,
        detail: message,
        maintenance: true,
        request_id: json.headers["x-request-id"],
      });
      for (const answer of [page, json]) {
        for (const header of NINE) expect(answer.headers[header], header).toBeDefined();
        expect(answer.headers["cache-control"]).toBe("no-store");
      }
      expect((await project.edge().call("/-/edge.css")).status).toBe(200);
      expect((await project.edge().call("/health")).body).toBe("healthy\n");
    };
    await look();
    await project.mustCompose(["restart", project.service("edge")]);
    await project.becomes(project.service("edge"), "healthy", 30_000);
    await look();
    expect(await project.health(project.service("edge"))).toBe("healthy");
    expect((await project.ops("health")).out).toContain("visitors see the maintenance page");
    // The allowed address passes on to what stands behind, which here is nothing: another 503.
    const allowed = await project.edge().call("/some/page", { headers: { ...browser.headers, "x-forwarded-for": "203.0.113.99" } });
    expect(JSON.parse(allowed.body).detail).toContain("does not answer");
    expect((await project.edge().call("/-/maintenance.json")).status).toBe(404);
    expect(await project.mustOps("maintenance", ["off"])).toContain("maintenance is off");
    expect((await project.edge().call("/some/page", browser)).body).toContain("does not answer");
  });

  it("PROD-7 a connection that is idle while nginx reloads is answered on afterwards", { timeout: 90_000 }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    // A request on a connection that was closed meanwhile would open another one, and be answered too.
    const opened = new Set<unknown>();
    agent.on("keylog", (_, socket) => opened.add(socket));
    const ask = () => project.edge().call("/health", { agent, ...from("203.0.113.30") });
    const idle = (seconds: number) => new Promise((wake) => setTimeout(wake, seconds * 1000));
    expect((await ask()).status).toBe(200);
    // Longer than a browser's next click: what nginx would close on a reload by itself, and with a short keepalive_min_timeout.
    await idle(12);
    const edge = await project.container("edge");
    await must("docker", ["kill", "-s", "HUP", edge]);
    const old = () => run("docker", ["exec", edge, "sh", "-c", 'grep -l "[s]hutting down" /proc/[0-9]*/cmdline']);
    expect((await until(old, ({ code }) => code === 0, 5_000)).code, "no process of before the reload keeps the connection").toBe(0);
    await idle(3);
    expect((await ask()).status).toBe(200);
    expect(opened.size).toBe(1);
    agent.destroy();
  });

  it.each([
    { tier: "auth", path: paths.login, perMinute: 10, burst: 5 },
    { tier: "api", path: paths.things, perMinute: 600, burst: 100 },
    { tier: "static", path: "/assets/x.js", perMinute: 1000, burst: 200 },
    { tier: "health", path: "/api/v1/health/", perMinute: 120, burst: 40 },
    { tier: "the edge's own health", path: "/health", perMinute: 1000, burst: 50 },
  ])("PROD-8 the tier $tier measured: allowed, burst, limited, reset", async ({ tier, path, perMinute, burst }) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 25 });
    // An address that no other tier uses: some share a budget.
    const client = `203.0.113.${100 + path.length}`;
    const edge = project.edge();
    // Whatever a client may write about itself changes nothing; the address is what our own proxy said.
    const spoof = (i: number) => ({
      "x-forwarded-for": `9.9.9.${i % 250}, ${client}`,
      "x-real-ip": `9.9.8.${i % 250}`,
      "x-client-ip": `9.9.7.${i % 250}`,
      "true-client-ip": `9.9.6.${i % 250}`,
      "cf-connecting-ip": `9.9.5.${i % 250}`,
      forwarded: `for=9.9.4.${i % 250}`,
      "x-user-id": String(i),
      authorization: `Bearer ${i}`,
      cookie: `__Host-sessionid=${i}`,
      "user-agent": `agent ${i}`,
    });
    const wanted = burst + 1 + 60;
    await Promise.all(Array.from({ length: 25 }, () => edge.call("/-/edge.css", { agent, ...from("203.0.113.200") })));
    const start = Date.now();
    const answers = await Promise.all(Array.from({ length: wanted }, (_, i) => edge.call(path, { agent, headers: spoof(i) })));
    const seconds = (Date.now() - start) / 1000;
    const limited = answers.filter((answer) => answer.status === 429);
    const allowed = answers.length - limited.length;
    for (const answer of limited) {
      expect(answer.headers["content-type"]).toBe("application/problem+json");
      expect(Number(answer.headers["retry-after"])).toBe(Math.ceil(60 / perMinute));
      expect(answer.headers["x-ratelimit-limit"]).toBe(String(perMinute));
      expect(JSON.parse(answer.body)).toMatchObject({ status: 429, request_id: answer.headers["x-request-id"] });
      for (const header of NINE) expect(answer.headers[header], header).toBeDefined();
    }
    const refilled = Date.now();
    const again = await until(
      () => edge.call(path, { agent, headers: spoof(7) }),
      (answer) => answer.status !== 429,
      10_000,
    );
    const reset = (Date.now() - refilled) / 1000;
    agent.destroy();
    console.log(
      `rate tier ${tier}: ${perMinute}/min, burst ${burst}: of ${wanted} in ${seconds.toFixed(2)} s ${allowed} allowed, ${limited.length} limited; next allowed after ${reset.toFixed(2)} s`,
    );
    // The burst, the one in flow, and what the time of the measurement gave back.
    expect(allowed).toBeGreaterThanOrEqual(burst + 1);
    expect(allowed).toBeLessThanOrEqual(burst + 2 + Math.ceil((seconds * perMinute) / 60));
    expect(limited.length).toBeGreaterThan(0);
    expect(again.status).not.toBe(429);
    expect(reset).toBeLessThanOrEqual(60 / perMinute + 1.5);
  });
});
