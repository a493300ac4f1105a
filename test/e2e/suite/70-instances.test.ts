import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Answer, Edge } from "../lib/http.ts";
import { Project } from "../lib/project.ts";
import { must, until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const INSTANCE = "second";

describe("a second instance beside the first", () => {
  beforeAll(async () => {
    const made = await project.ops("instance", [
      "new",
      INSTANCE,
      "--production",
      "--http-port",
      String(stack.secondPorts.http),
      "--https-port",
      String(stack.secondPorts.https),
    ]);
    expect(made.code, made.out + made.err).toBe(0);
    const up = await project.ops("up", ["--production", "--instance", INSTANCE], { env: { HEALTH_INTERVAL: "2s" } });
    expect(up.code, up.out + up.err).toBe(0);
  });
  afterAll(async () => {
    await project.ops("down", ["--production", "--instance", INSTANCE, "--volumes", "--yes"]);
    const left = (await must("docker", ["ps", "-aq", "--filter", `label=com.docker.compose.project=${project.name}-${INSTANCE}`])).trim();
    if (left !== "") await must("docker", ["rm", "-f", "-v", ...left.split("\n")]);
  });

  it("ISO-6 two instances keep their rows to themselves", async () => {
    const second = new Edge(stack.secondPorts.https, join(project.dir, "instances", INSTANCE, "tls/ca.crt"));
    const person = { email: "only-here@example.com", password: "correct-horse-battery-9" };
    const patiently = (call: () => Promise<Answer>) => until(call, (answer) => answer.status !== 429, 90_000);
    await patiently(() => application.visit(second));
    expect((await patiently(() => application.register(second, person))).status).toBeLessThan(300);
    expect((await patiently(() => application.login(second, person))).status).toBe(200);
    const first = project.edge();
    await patiently(() => application.visit(first));
    const elsewhere = await patiently(() => application.login(first, person));
    expect(elsewhere.status).toBeGreaterThanOrEqual(400);
  });

  it("ISO-6 no network, volume, container, secret or CA in common", async () => {
    const names = async (kind: string, instance: string) =>
      (await must("docker", [kind, "ls", ...(kind === "container" ? ["-a"] : []), "-q", "--filter", `label=com.docker.compose.project=${instance}`]))
        .trim()
        .split("\n")
        .filter((line) => line !== "");
    for (const kind of ["container", "network", "volume"]) {
      const first = await names(kind, project.name);
      const second = await names(kind, `${project.name}-${INSTANCE}`);
      expect(first.length, kind).toBeGreaterThan(0);
      expect(second.length, kind).toBe(first.length);
      expect(first.filter((one) => second.includes(one))).toEqual([]);
    }
    const secrets = project.secrets().map((secret) => `secrets/${secret}`);
    expect(secrets.length).toBeGreaterThan(3);
    for (const file of [...secrets, "tls/ca.crt"]) {
      const here = join(project.dir, "instances", INSTANCE, file);
      expect(existsSync(here), file).toBe(true);
      expect(readFileSync(here, "utf8")).not.toBe(readFileSync(join(project.dir, file), "utf8"));
    }
  });

  it("ISO-6 the first instance stays healthy and its matrix holds", async () => {
    const health = await project.ops("health");
    expect(health.code, health.out + health.err).toBe(0);
    const isolation = await project.ops("isolation", ["--instance", INSTANCE]);
    expect(isolation.code, isolation.out + isolation.err).toBe(0);
  });
});
