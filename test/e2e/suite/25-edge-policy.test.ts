import { describe, expect, it } from "vitest";

import { logged, NINE } from "../lib/edge-alone.ts";
import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const host = `localhost:${stack.ports.https}`;
const raw = (head: string) => project.edge().raw(`${head}\r\nConnection: close\r\n\r\n`);

describe("the edge's policy, on the running stack", () => {
  it("PROD-7 a name that is not in DOMAIN gets 421, whatever the path", async () => {
    for (const name of [
      "evil.example",
      `evil.example:${stack.ports.https}`,
      "127.0.0.1",
      "localhost.evil.example",
      "xlocalhost",
      "app.example.com",
    ]) {
      for (const path of ["/", "/health", "/api/v1/health/", "/.well-known/security.txt"]) {
        const answer = await project.edge().call(path, { headers: { host: name } });
        expect([name, path, answer.status]).toEqual([name, path, 421]);
        expect(answer.headers["content-type"]).toBe("application/problem+json");
        expect(JSON.parse(answer.body)).toMatchObject({ status: 421, request_id: answer.headers["x-request-id"] });
      }
    }
  });

  it("PROD-7 a handshake for an unknown name, or for none, is refused", async () => {
    for (const servername of ["evil.example", "localhost.evil.example", ""])
      await expect(project.edge().call("/health", { servername }), servername).rejects.toThrow(/unrecognized name/i);
  });

  it("PROD-7 plain HTTP redirects nobody to a name that is not ours", async () => {
    const answer = await project.plain().call("/somewhere", { headers: { host: "evil.example" } });
    expect(answer.status).toBe(421);
    expect(answer.headers["location"]).toBeUndefined();
  });

  it("PROD-7 a host in the request line counts, and the Host header beside it does not", async () => {
    expect((await raw(`GET https://evil.example/ HTTP/1.1\r\nHost: ${host}`)).status).toBe(421);
    // The application refuses foreign hosts with 400: 200 says that it never saw the header.
    expect((await raw(`GET https://${host}/api/v1/health/ HTTP/1.1\r\nHost: evil.example`)).status).toBe(200);
    for (const head of [
      `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example`,
      "GET / HTTP/1.1",
      "GET / HTTP/1.1\r\nHost: localhost@evil.example",
      "GET / HTTP/1.1\r\nHost: localhost evil.example",
    ])
      expect([head, (await raw(head)).status]).toEqual([head, 400]);
    expect((await raw("GET / HTTP/1.0")).status).toBe(421);
  });

  it("PROD-7 no header of a client says which host, port or path it asked for", async () => {
    const answer = await project
      .edge()
      .call("/api/v1/health/", {
        headers: { "x-forwarded-host": "evil.example", forwarded: "host=evil.example", "x-original-url": "/admin/", "x-rewrite-url": "/admin/" },
      });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ status: "healthy" });
  });

  it("PROD-8 without TRUSTED_PROXIES no header says who the client is", async () => {
    const id = `spoof-${Date.now()}`;
    await project
      .edge()
      .call("/api/v1/health/", {
        headers: { "x-request-id": id, "x-forwarded-for": "203.0.113.50", "x-real-ip": "203.0.113.50", forwarded: "for=203.0.113.50" },
      });
    const line = await logged(project, id);
    expect(line["remote_addr"]).toBeDefined();
    expect(line["remote_addr"]).not.toBe("203.0.113.50");
    expect(line["peer_addr"]).toBe(line["remote_addr"]);
  });

  it("ISO-7 nine security headers on the edge's own errors, which are JSON", async () => {
    const long = "a".repeat(70_000);
    for (const [status, head] of [
      [400, "G<>T / HTTP/1.1"],
      [400, `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: ${host}`],
      [404, `GET /-/maintenance.html HTTP/1.1\r\nHost: ${host}`],
      [405, `TRACE / HTTP/1.1\r\nHost: ${host}`],
      [413, `POST /api/v1/health/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2000000`],
      [414, `GET /${long} HTTP/1.1\r\nHost: ${host}`],
      [421, "GET / HTTP/1.1\r\nHost: evil.example"],
      [431, `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Long: ${long}`],
    ] as const) {
      const answer = await raw(head);
      const name = head.slice(0, 60);
      expect([name, answer.status]).toEqual([name, status]);
      for (const header of NINE) expect(answer.text.toLowerCase(), `${name} ${header}`).toContain(`\n${header}:`);
      expect(answer.text, name).toContain("application/problem+json");
      expect(answer.text.toLowerCase(), name).toMatch(/\nserver: nginx\r/);
    }
    const redirect = await project.plain().call("/");
    for (const header of NINE) expect(redirect.headers[header], header).toBeDefined();
  });

  it("PROD-7 files are compressed, and nothing that an application answers", async () => {
    const gzip = { headers: { "accept-encoding": "gzip" } };
    const page = await project.edge().call("/");
    const script = /<script[^>]+src="(\/assets\/[^"]+\.js)"/.exec(page.body)?.[1] ?? "/";
    expect((await project.edge().call(script, gzip)).headers["content-encoding"]).toBe("gzip");
    expect(String((await project.edge().call(script, gzip)).headers["vary"])).toContain("Accept-Encoding");
    // Whoever can read along and have something of theirs put beside a secret learns it from the length. nginx leaves alone what is short.
    const [person] = await application.signIn(project, 1, "compressed");
    for (let number = 0; number < 12; number++) {
      const sent = application.write(`Compressed ${number} ${"and long ".repeat(6)}`.trim());
      const made = await project.edge().call(sent.path, { method: sent.method, text: sent.body, headers: { ...sent.headers, ...person?.headers } });
      expect([201, application.taken], made.body).toContain(made.status);
    }
    const list = await project.edge().call(application.paths.things, { headers: { ...gzip.headers, ...person?.headers } });
    expect([list.status, list.headers["content-encoding"]]).toEqual([200, undefined]);
    expect(list.body.length).toBeGreaterThan(1024);
  });

  it("PROD-7 cookies are for HTTPS and for this site", async () => {
    const answer = await application.visit(project.edge());
    const cookies = [answer.headers["set-cookie"] ?? []].flat();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) expect(cookie).toMatch(/; SameSite=(Lax|Strict); Secure$|; Secure; .*SameSite=(Lax|Strict)/i);
  });

  it("PROD-7 a session is resumed within the server's memory, and tickets are not given", async () => {
    const ran = await run(
      "openssl",
      ["s_client", "-connect", `127.0.0.1:${stack.ports.https}`, "-servername", "localhost", "-CAfile", `${project.dir}/tls/ca.crt`, "-ign_eof"],
      { input: `GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, timeout: 15_000 },
    );
    expect(ran.out).toContain("Protocol  : TLSv1.3");
    // A stateless ticket is hundreds of bytes; a name in the server's cache is 32.
    const ticket = /TLS session ticket:\n((?: {4}[0-9a-f]{4} - .*\n)+)/.exec(ran.out)?.[1] ?? "";
    expect(ticket.trim().split("\n").length).toBe(2);
  });

  it("PROD-7 without SECURITY_CONTACT there is no security.txt", async () => {
    expect((await project.edge().call("/.well-known/security.txt")).status).toBe(404);
  });

  it("PROD-8 a list of proxies that trusts strangers stops the start", async () => {
    for (const list of ["0.0.0.0/0", "10.0.0.0/8", "203.0.113.7;"]) {
      const ran = await project.compose(["run", "--rm", "--no-deps", "-T", "-e", `TRUSTED_PROXIES=${list}`, project.service("edge"), "https.conf"], {
        timeout: 60_000,
      });
      expect(ran.code, list).toBe(2);
      expect(ran.err).toContain(`start.sh: TRUSTED_PROXIES='${list}'`);
    }
  });
});
