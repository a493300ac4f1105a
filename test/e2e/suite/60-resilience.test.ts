import { describe, expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);
const { application } = stack;
const [api, database, frontend] = ["app", "database", "frontend"].map((word) => project.service(word)) as [string, string, string];
const [worker, broker] = ["worker", "broker"].map((word) => project.find(word));
const SERVICES = project.services();
const asker = project.asks(database);

const allHealthy = async () =>
  (await Promise.all(SERVICES.map(async (service) => [service, await project.health(service)] as const))).filter(
    ([, health]) => health !== "healthy",
  );

describe("things break and come back", () => {
  stacksWith("a queue", worker !== undefined && broker !== undefined).it(
    "ISO-10 a worker without its queue turns unhealthy and recovers",
    async () => {
      if (worker === undefined || broker === undefined) return;
      expect(await project.health(worker)).toBe("healthy");
      await project.mustCompose(["stop", broker]);
      try {
        expect(await project.becomes(worker, "unhealthy", 60_000)).toBe("unhealthy");
        const api = await project.edge().call("/api/v1/health/");
        expect(api.status).toBe(503);
        expect(JSON.parse(api.body)).toMatchObject(application.withoutQueue);
      } finally {
        await project.mustCompose(["start", broker]);
      }
      expect(await project.becomes(worker, "healthy", 90_000)).toBe("healthy");
      expect(await until(allHealthy, (sick) => sick.length === 0, 90_000)).toEqual([]);
    },
  );

  it("PROD-4 health checks can fail: a stopped database turns who asks it unhealthy, and it comes back", async () => {
    await project.mustCompose(["stop", database]);
    try {
      expect(await project.becomes(asker, "unhealthy", 60_000)).toBe("unhealthy");
      const ran = await project.ops("health");
      expect(ran.code).toBe(1);
      expect(ran.out + ran.err).toContain(database);
    } finally {
      await project.mustCompose(["start", database]);
    }
    expect(await until(allHealthy, (sick) => sick.length === 0, 90_000)).toEqual([]);
  });

  it("PROD-4 a stopped frontend is an error with a request id, not an endless wait", async () => {
    await project.mustCompose(["stop", frontend]);
    try {
      const page = await project.edge().call("/", { headers: { "x-request-id": "stopped-frontend" } });
      expect(page.status).toBe(503);
      expect(JSON.parse(page.body)).toMatchObject({ status: 503, request_id: "stopped-frontend" });
    } finally {
      await project.mustCompose(["start", frontend]);
    }
  });

  it("PROD-10 restart of everything on populated volumes stays healthy", async () => {
    await application.signIn(project, 1, "restarted");
    const before = await application.people(project);
    await project.mustCompose(["restart"], { timeout: 300_000 });
    expect(await until(allHealthy, (sick) => sick.length === 0, 120_000)).toEqual([]);
    await project.mustCompose(["down", "--timeout", "30"], { timeout: 300_000 });
    const up = await project.ops("up", ["--production", "--no-build"]);
    expect(up.code, up.out + up.err).toBe(0);
    expect(await allHealthy()).toEqual([]);
    expect(before).toBeGreaterThan(0);
    expect(await application.people(project)).toBe(before);
  });

  it("ISO-4 a recreated API with another address is found again without a reload", async () => {
    await project.mustCompose(["up", "-d", "--no-deps", "--force-recreate", "--wait", api], { timeout: 180_000 });
    expect(await project.answers(20_000)).toBe(200);
  });
});
