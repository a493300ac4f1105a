import { beforeAll, describe, expect, it } from "vitest";

import type { Edge } from "../lib/http.ts";
import { Project } from "../lib/project.ts";
import { until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);
const ADDRESS = { email: "ada@example.com", password: "correct-horse-battery-9" };

/** The login tier allows ten a minute; the edge test before this one has used it up. */
async function patiently<T extends { status: number }>(call: () => Promise<T>): Promise<T> {
  return until(call, (answer) => answer.status !== 429, 90_000);
}

async function signedIn(): Promise<Edge> {
  const edge = project.edge();
  await patiently(() => edge.call("/api/v1/auth/csrf/"));
  await patiently(() => edge.call("/api/v1/auth/register/", { method: "POST", body: ADDRESS }));
  const login = await patiently(() => edge.call("/api/v1/auth/login/", { method: "POST", body: ADDRESS }));
  expect(login.status, login.body).toBe(200);
  return edge;
}

describe("the application, through the edge", () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await signedIn();
  });

  it("ISO-4 api health names database and cache", async () => {
    const { status, data } = await edge.json("/api/v1/health/");
    expect(status).toBe(200);
    expect(data).toMatchObject({ status: "healthy", database: "ok", cache: "ok" });
  });

  it("lists, creates, reads, updates and deletes, and shows the job's result", async () => {
    expect((await project.edge().call("/api/v1/articles/")).status, "without login").toBeGreaterThanOrEqual(401);
    const created = await edge.json("/api/v1/articles/", { method: "POST", body: { title: "Boats", body: "A boat floats. A boat sinks!" } });
    expect(created.status).toBe(201);
    const path = `/api/v1/articles/${created.data.id}/`;
    const done = await until(
      () => edge.json(path),
      (answer) => answer.data.analysis?.state === "done",
      30_000,
    );
    expect(done.data.analysis).toMatchObject({ state: "done", word_count: 6, sentence_count: 2 });
    const updated = await edge.json(path, { method: "PATCH", body: { title: "Ships", version: done.data.version } });
    expect(updated.status).toBe(200);
    const stale = await edge.json(path, { method: "PATCH", body: { title: "Rafts", version: done.data.version } });
    expect(stale.status).toBe(409);
    expect(stale.headers["content-type"]).toContain("application/problem+json");
    const list = await edge.json("/api/v1/articles/");
    expect(list.data.results.map((one: { title: string }) => one.title)).toContain("Ships");
    expect((await edge.call(path, { method: "DELETE" })).status).toBe(204);
    expect((await edge.call(path)).status).toBe(404);
  });

  // Taken when it is well-formed, made at the edge when there is none or a client sent something else.
  it.each([
    ["taken", `e2e.${Date.now()}-trace`],
    ["made", undefined],
    ["replaced", 'not"an id'],
  ])("PROD-5 one request id runs through nginx, api and job: %s", async (what, sent) => {
    const created = await edge.json("/api/v1/articles/", {
      method: "POST",
      body: { title: "Trace", body: "Follow me." },
      headers: sent === undefined ? {} : { "x-request-id": sent },
    });
    expect(created.status).toBe(201);
    const id = String(created.headers["x-request-id"]);
    expect(id).toMatch(/^[\w.-]{8,}$/);
    expect(id === sent).toBe(what === "taken");
    const seen = await until(
      async () => {
        const logs = (await Promise.all(["proxy", "backend", "worker"].map((service) => project.logs(service)))).join("\n");
        return new Set(
          logs
            .split("\n")
            .filter((line) => line.includes(id))
            .map((line) => JSON.parse(line).service as string),
        );
      },
      (services) => services.size === 3,
      20_000,
    );
    expect([...seen].toSorted()).toEqual(["backend", "proxy", "worker"]);
  });

  it("PROD-5 every line of the services we write is JSON with the contract's fields", async () => {
    await edge.call("/");
    // migrate prints Django's own text and is done; PostgreSQL and Redis have no JSON on a stream (docs/operations/logs.md).
    for (const service of ["proxy", "frontend", "backend", "worker", "beat", "backup"]) {
      const lines = (await project.logs(service)).split("\n").filter((line) => line.trim() !== "");
      expect(lines.length, service).toBeGreaterThan(0);
      for (const line of lines) {
        let entry: Record<string, unknown> = {};
        try {
          entry = JSON.parse(line) as Record<string, unknown>;
        } catch {
          // nginx's error log cannot be JSON (docs/operations/logs.md); everything else must be.
          expect(line, `${service}: not JSON`).toMatch(/^\d{4}\/\d\d\/\d\d .*\[(warn|error|notice|crit|alert|emerg)\]/);
          continue;
        }
        for (const field of ["timestamp", "level", "service", "version", "request_id", "message"])
          expect(entry, `${service}: ${line}`).toHaveProperty(field);
        if (service !== "proxy") expect(entry["version"], service).toBe("dev");
        expect(String(entry["timestamp"])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}/);
      }
    }
  });

  it("PROD-8 api limits count the signed-in user", async () => {
    const first = await edge.call("/api/v1/articles/");
    expect(Number(first.headers["x-ratelimit-limit"])).toBe(100);
    const before = Number(first.headers["x-ratelimit-remaining"]);
    const again = await edge.call("/api/v1/articles/", { headers: { "x-forwarded-for": "203.0.113.9", "x-user-id": "somebody-else" } });
    expect(Number(again.headers["x-ratelimit-remaining"])).toBeLessThan(before);
  });
});
