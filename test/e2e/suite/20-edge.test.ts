import { describe, expect, it } from "vitest";

import { NINE } from "../lib/edge-alone.ts";
import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);

describe("the edge, from outside", () => {
  it("ISO-4 /health answers healthy over TLS with the project's own CA", async () => {
    const answer = await project.edge().call("/health");
    expect(answer.status).toBe(200);
    expect(answer.body.trim()).toBe("healthy");
  });

  it("PROD-7 TLS 1.3 answers and 1.2 is refused", async () => {
    expect((await project.edge().call("/health", { tls: "TLSv1.3" })).protocol).toBe("TLSv1.3");
    await expect(project.edge().call("/health", { tls: "TLSv1.2" })).rejects.toThrow(/protocol version|handshake/i);
  });

  it("PROD-7 HTTP/2 is spoken", async () => {
    const ran = await run(
      "openssl",
      [
        "s_client",
        "-connect",
        `127.0.0.1:${stack.ports.https}`,
        "-servername",
        "localhost",
        "-alpn",
        "h2,http/1.1",
        "-CAfile",
        `${project.dir}/tls/ca.crt`,
        "-verify_return_error",
      ],
      { timeout: 15_000 },
    );
    expect(ran.out).toContain("ALPN protocol: h2");
    expect(ran.out).toContain("Verify return code: 0 (ok)");
  });

  it("ISO-3 plain HTTP redirects to HTTPS and does nothing else", async () => {
    for (const [path, method] of [
      ["/", "GET"],
      ["/api/v1/health/", "GET"],
      [application.paths.login, "POST"],
    ] as const) {
      const answer = await project.plain().call(path, { method });
      expect(answer.status, path).toBe(308);
      expect(answer.headers["location"]).toBe(`https://localhost:${stack.ports.https}${path}`);
    }
  });

  it.each(["/", "/health", "/api/v1/health/", "/nothing-here.js", "/api/v1/nothing"])(
    "ISO-7 nine security headers on every answer: %s",
    async (path) => {
      const { headers } = await project.edge().call(path);
      for (const name of NINE) {
        expect(headers[name], `${path} ${name}`).toBeDefined();
        expect(String(headers[name]).split(",").length, `${name} once`).toBe(name === "permissions-policy" ? 5 : 1);
      }
      expect(headers["server"]).toBe("nginx");
      expect(headers["x-powered-by"]).toBeUndefined();
    },
  );

  it("PROD-5 a well-formed request id is kept, any other replaced", async () => {
    const kept = await project.edge().call("/api/v1/health/", { headers: { "x-request-id": "trace-0123456789" } });
    expect(kept.headers["x-request-id"]).toBe("trace-0123456789");
    const made = await project.edge().call("/api/v1/health/", { headers: { "x-request-id": 'bad"id{}' } });
    expect(made.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("PROD-8 the login tier answers 429 as problem+json", async () => {
    const edge = project.edge();
    await application.visit(edge);
    // At once: one after the other they may take so long on a busy machine that none is too many.
    const nobody = { email: "nobody@example.com", password: "wrong-password" };
    const answers = await Promise.all(Array.from({ length: 14 }, () => application.login(edge, nobody)));
    const limited = answers.filter((answer) => answer.status === 429);
    expect(limited.length).toBeGreaterThan(0);
    expect(answers.filter((answer) => answer.status !== 429).length).toBeLessThanOrEqual(10);
    for (const answer of limited) {
      expect(answer.headers["content-type"]).toContain("application/problem+json");
      expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
      expect(answer.headers["x-ratelimit-limit"]).toBeDefined();
      expect(JSON.parse(answer.body)).toMatchObject({ status: 429, request_id: answer.headers["x-request-id"] });
    }
  });

  it("ISO-4 a login without the last slash is a login, not a redirect that drops its body", async () => {
    const answer = await project.edge().call("/api/v1/auth/login", { method: "POST", body: {} });
    expect([400, 403, 422, 429]).toContain(answer.status);
  });

  it("ISO-4 the frontend is a static build behind the edge", async () => {
    const page = await project.edge().call("/");
    expect(page.status).toBe(200);
    const script = /<script[^>]+src="(\/assets\/[^"]+\.js)"/.exec(page.body)?.[1];
    expect(script, "a hashed asset").toBeDefined();
    expect(page.body).not.toContain("@vite/client");
    const asset = await project.edge().call(script ?? "/");
    expect(asset.status).toBe(200);
    expect(String(asset.headers["cache-control"])).toContain("immutable");
    expect((await project.edge().call("/assets/missing-0000.js")).status).toBe(404);
    expect((await project.edge().call(application.paths.page)).body).toBe(page.body);
  });
});
