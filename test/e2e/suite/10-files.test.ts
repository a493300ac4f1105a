import { beforeAll, describe, expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { must } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);
const edge = project.service("edge");

type Config = {
  services: Record<string, { ports?: { published: string; host_ip?: string; target: number }[]; [key: string]: any }>;
  [key: string]: any;
};
const merged = async (...files: string[]): Promise<Config> =>
  JSON.parse(
    await must("docker", ["compose", ...files.flatMap((file) => ["-f", file]), "config", "--format", "json"], { cwd: project.dir }),
  ) as Config;
const published = (config: Config) =>
  Object.entries(config.services).flatMap(([name, service]) =>
    (service.ports ?? []).map((port) => ({ name, host: port.host_ip ?? "0.0.0.0", port: Number(port.published), target: port.target })),
  );

describe("the Compose files, as Compose reads them", () => {
  let base: Config;
  let development: Config;
  let production: Config;
  beforeAll(async () => {
    base = await merged("compose.yaml");
    development = await merged("compose.yaml", "compose.override.yaml");
    production = await merged("compose.yaml", "compose.production.yaml");
  });

  it("ISO-1 base publishes only the edge", () => {
    expect(published(base)).toEqual([{ name: edge, host: "127.0.0.1", port: stack.ports.http, target: 8080 }]);
  });

  it("ISO-2 development publishes the tools' ports on 127.0.0.1 only", () => {
    const ports = published(development);
    expect(ports.every((port) => port.host === "127.0.0.1")).toBe(true);
    expect(Object.fromEntries(ports.map((port) => [port.name, port.port]))).toMatchObject(stack.application.development);
  });

  it("ISO-3 production publishes 80 and 443 of the edge and nothing else", async () => {
    expect(published(production).map(({ name, port }) => ({ name, port }))).toEqual([
      { name: edge, port: stack.ports.http },
      { name: edge, port: stack.ports.https },
    ]);
    const text = await must(
      "docker",
      ["compose", "-f", "compose.yaml", "-f", "compose.production.yaml", "config", "--no-interpolate", "--format", "json"],
      { cwd: project.dir },
    );
    expect(text).toContain("${PROXY_PORT:-80}:8080");
    expect(text).toContain("${PROXY_TLS_PORT:-443}:8443");
  });

  it("PROD-4 each service has a health check and waits for what it needs", () => {
    for (const [name, service] of Object.entries(production.services)) {
      if (service["restart"] !== "no") expect(service["healthcheck"]?.test, name).toBeDefined();
      for (const [other, wait] of Object.entries((service["depends_on"] ?? {}) as Record<string, { condition: string }>))
        expect(["service_healthy", "service_completed_successfully"], `${name} → ${other}`).toContain(wait.condition);
    }
  });

  it("PROD-10 limits, restart, bounded logs and pinned images at every service", () => {
    for (const [name, service] of Object.entries(production.services)) {
      const { limits, reservations } = service["deploy"].resources;
      expect(Number(limits.pids), name).toBeGreaterThan(0);
      expect(limits.memory, name).toBeDefined();
      expect(limits.cpus, name).toBeDefined();
      expect(reservations.memory, name).toBeDefined();
      expect(service["logging"].options, name).toEqual({ "max-size": "10m", "max-file": "3" });
      expect(["unless-stopped", "no"], name).toContain(service["restart"]);
      expect(service["image"], name).toMatch(/:[^:/]*$/);
      expect(service["image"], name).not.toMatch(/:latest$/);
    }
  });
});
