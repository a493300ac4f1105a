import { beforeAll, describe, expect, it } from "vitest";

import type { Edge } from "../lib/http.ts";
import { Project } from "../lib/project.ts";
import { until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const ADDRESS = { email: "ada@example.com", password: "correct-horse-battery-9" };

/** The login tier allows ten a minute; the edge test before this one has used it up. */
async function patiently<T extends { status: number }>(call: () => Promise<T>): Promise<T> {
  return until(call, (answer) => answer.status !== 429, 90_000);
}

async function signedIn(): Promise<Edge> {
  const edge = project.edge();
  await patiently(() => application.visit(edge));
  await patiently(() => application.register(edge, ADDRESS));
  const login = await patiently(() => application.login(edge, ADDRESS));
  expect(login.status, login.body).toBe(200);
  return edge;
}

describe("the application, through the edge", () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await signedIn();
  });

  /** One thing more, by a request as the application wants it. */
  const write = (title: string, headers: Readonly<Record<string, string>> = {}) => {
    const sent = application.write(title);
    return edge.call(sent.path, { method: sent.method, text: sent.body, headers: { ...sent.headers, ...headers } });
  };

  it("ISO-4 api health names database and cache", async () => {
    const { status, data } = await edge.json("/api/v1/health/");
    expect(status).toBe(200);
    expect(data).toMatchObject(application.healthy);
  });

  it("NET-3 a thing is made, its job is done, and it is in the list; nobody else may look", async () => {
    expect((await project.edge().call(application.paths.things)).status, "without login").toBeGreaterThanOrEqual(401);
    const created = await write("Boats");
    expect(created.status, created.body).toBe(201);
    const path = application.pathOf(application.idOf(created.body));
    const done = await until(
      () => edge.json(path),
      (answer) => answer.status === 200 && application.jobOf(answer.data) === "done",
      30_000,
    );
    expect([done.status, application.jobOf(done.data)], JSON.stringify(done.data)).toEqual([200, "done"]);
    const list = await edge.call(application.paths.things);
    expect(application.titlesOf(JSON.parse(list.body)).some((title) => title.startsWith("Boats"))).toBe(true);
    if (application.keeps === true) return;
    expect((await edge.call(path, { method: "DELETE" })).status).toBe(204);
    expect((await edge.call(path)).status).toBe(404);
  });

  // Taken when it is well-formed, made at the edge when there is none or a client sent something else.
  it.each([
    ["taken", `e2e.${Date.now()}-trace`],
    ["made", undefined],
    ["replaced", 'not"an id'],
  ])("PROD-5 one request id runs through nginx, api and job: %s", async (what, sent) => {
    const created = await write("Trace", sent === undefined ? {} : { "x-request-id": sent });
    expect(created.status).toBe(201);
    const id = String(created.headers["x-request-id"]);
    expect(id).toMatch(/^[\w.-]{8,}$/);
    expect(id === sent).toBe(what === "taken");
    const way = project.withRoles("edge", "app", "worker", "order", "product", "payment");
    const seen = await until(
      async () => {
        const logs = (await Promise.all(way.map((service) => project.logs(service)))).join("\n");
        return new Set(
          logs
            .split("\n")
            .filter((line) => line.includes(id))
            .map((line) => JSON.parse(line).service as string),
        );
      },
      (services) => services.size === way.length,
      20_000,
    );
    expect([...seen].toSorted()).toEqual(way.toSorted());
  });

  it("PROD-5 every line of the services we write is JSON with the contract's fields", async () => {
    await edge.call("/");
    // What prints its text once and is done is no service of ours; servers of others have no JSON on a stream (docs/operations/logs.md).
    for (const service of project.withRoles("edge", "frontend", "app", "worker", "order", "product", "payment", "scheduler", "backup")) {
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
        if (service !== project.service("edge")) expect(entry["version"], service).toBe("dev");
        expect(String(entry["timestamp"])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}/);
      }
    }
  });

  it("PROD-8 api limits count the signed-in user", async () => {
    const first = await edge.call(application.paths.things);
    expect(Number(first.headers["x-ratelimit-limit"])).toBe(100);
    const before = Number(first.headers["x-ratelimit-remaining"]);
    const again = await edge.call(application.paths.things, { headers: { "x-forwarded-for": "203.0.113.9", "x-user-id": "somebody-else" } });
    expect(Number(again.headers["x-ratelimit-remaining"])).toBeLessThan(before);
  });
});
