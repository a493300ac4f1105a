import { expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { must } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);

/** The table of the document that this stack was made after: who is on which network. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  edge: ["backend", "frontend"],
  app: ["backend", "database"],
  worker: ["backend", "database"],
  database: ["database"],
  cache: ["database"],
  "object-storage": ["database"],
};
const SUBNETS = { frontend: "172.20.0.0/24", backend: "172.21.0.0/24", database: "172.22.0.0/24" };

stacksWith("uploads", stack.id === "fastapi-arq-minio").describe("the three networks of the document", () => {
  it("NET-1 membership is that of the document", async () => {
    const details = await project.inspect();
    for (const [role, networks] of Object.entries(TABLE)) {
      const one = details.find((candidate) => candidate.Config.Labels["com.docker.compose.service"] === project.service(role));
      const on = Object.keys(one.NetworkSettings.Networks as object).map((name) => name.slice(project.name.length + 1));
      expect([role, on.toSorted()]).toEqual([role, networks]);
    }
    const frontend = details.filter((one) => `${project.name}_frontend` in one.NetworkSettings.Networks);
    expect(frontend.map((one) => one.Config.Labels["com.docker.compose.service"])).toEqual([project.service("edge")]);
  });

  it("NET-1 backend and database are internal, in the engine's own words", async () => {
    for (const [name, internal] of [
      ["frontend", "false"],
      ["backend", "true"],
      ["database", "true"],
    ] as const)
      expect([name, (await must("docker", ["network", "inspect", "-f", "{{.Internal}}", `${project.name}_${name}`])).trim()]).toEqual([
        name,
        internal,
      ]);
  });

  it("NET-2 the documented subnets are the default, and a variable moves each", async () => {
    const config = async (env: Readonly<Record<string, string>>) => {
      const files = ["--env-file", ".env.example", "-f", "compose.yaml", "-f", "compose.production.yaml"];
      const out = await must("docker", ["compose", ...files, "config", "--format", "json"], { cwd: project.dir, env });
      const networks = (JSON.parse(out) as { networks: Record<string, { ipam: { config: { subnet: string }[] } }> }).networks;
      return Object.fromEntries(Object.entries(networks).map(([name, network]) => [name, network.ipam.config[0]?.subnet]));
    };
    expect(await config({})).toEqual(SUBNETS);
    expect(await config({ SUBNET_DATABASE: "10.9.8.0/24" })).toEqual({ ...SUBNETS, database: "10.9.8.0/24" });
    for (const name of Object.keys(SUBNETS)) {
      const real = await must("docker", ["network", "inspect", "-f", "{{(index .IPAM.Config 0).Subnet}}", `${project.name}_${name}`]);
      expect(real.trim(), name).toMatch(/^10\./);
    }
  });
});
