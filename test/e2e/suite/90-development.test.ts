import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Edge } from "../lib/http.ts";
import { Project } from "../lib/project.ts";
import { until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const ports = { http: stack.ports.http + 2, https: stack.ports.https + 2 };

describe("development, with the override Compose loads by itself", () => {
  let project: Project;
  let published: ReturnType<Project["developmentPorts"]> = [];
  const portOf = (role: string) => published.find(({ service }) => service === project.service(role))?.port ?? 0;
  beforeAll(async () => {
    project = await Project.scaffold(stack.id, `${stack.instance}-dev`, ports);
    published = project.developmentPorts(stack.ports.https + 300);
    project.configure(Object.fromEntries(published.map(({ variable, port }) => [variable, String(port)])));
    const up = await project.ops("up");
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
  });
  afterAll(async () => {
    await project.ops("down", ["--volumes", "--yes"]);
    await project.destroy();
  });

  it("ISO-2 the tools' ports answer on 127.0.0.1", async () => {
    expect((await new Edge(portOf("app")).call("/api/v1/health/", { headers: { host: "localhost" } })).status).toBe(200);
    expect((await new Edge(portOf("frontend")).call("/")).status).toBe(200);
    expect((await new Edge(ports.http).call("/health")).body.trim()).toBe("healthy");
    expect((await new Edge(ports.http).call("/")).body).toContain("@vite/client");
  });

  it("the API reloads when a file is saved", async () => {
    const edge = new Edge(ports.http);
    const { saved } = application;
    const file = join(project.dir, saved.file);
    const before = readFileSync(file, "utf8");
    writeFileSync(file, before + saved.adds);
    const answer = await until(
      () => edge.call(saved.path).catch(() => ({ status: 0, body: "" })),
      (one) => one.status === 200,
      30_000,
    );
    writeFileSync(file, before);
    expect(answer.body).toBe(saved.says);
  });
});
