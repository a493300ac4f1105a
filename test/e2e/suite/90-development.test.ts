import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Edge } from "../lib/http.ts";
import { Project } from "../lib/project.ts";
import { until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const ports = { http: 29082, https: 29445 };
const development = { DB_DEV_PORT: "29532", REDIS_DEV_PORT: "29679", BACKEND_DEV_PORT: "29800", FRONTEND_DEV_PORT: "29517" };

describe("development, with the override Compose loads by itself", () => {
  let project: Project;
  beforeAll(async () => {
    project = await Project.scaffold(stack.id, `${stack.instance}-dev`, ports);
    project.configure(development);
    const up = await project.ops("up");
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
  });
  afterAll(async () => {
    await project.ops("down", ["--volumes", "--yes"]);
    await project.destroy();
  });

  it("ISO-2 the tools' ports answer on 127.0.0.1", async () => {
    expect((await new Edge(Number(development.BACKEND_DEV_PORT)).call("/api/v1/health/", { headers: { host: "localhost" } })).status).toBe(200);
    expect((await new Edge(Number(development.FRONTEND_DEV_PORT)).call("/")).status).toBe(200);
    expect((await new Edge(ports.http).call("/health")).body.trim()).toBe("healthy");
    expect((await new Edge(ports.http).call("/")).body).toContain("@vite/client");
  });

  it("the API reloads when a file is saved", async () => {
    const edge = new Edge(ports.http);
    const file = join(project.dir, "services/backend/config/urls.py");
    const before = readFileSync(file, "utf8");
    writeFileSync(
      file,
      `${before}\nfrom django.http import HttpResponse\nfrom django.urls import path as _path\nurlpatterns += [_path("api/v1/saved", lambda request: HttpResponse("reloaded"))]\n`,
    );
    const answer = await until(
      () => edge.call("/api/v1/saved").catch(() => ({ status: 0, body: "" })),
      (one) => one.status === 200,
      30_000,
    );
    writeFileSync(file, before);
    expect(answer.body).toBe("reloaded");
  });
});
