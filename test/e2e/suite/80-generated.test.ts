import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);

/** Where Compose builds a service: several may share the folder above them, and one may have a copy for each colour. */
async function buildOf(service: string): Promise<{ readonly context: string; readonly dockerfile: string }> {
  const { services } = JSON.parse(await project.mustCompose(["config", "--format", "json"])) as {
    readonly services: Readonly<Record<string, { readonly build?: { readonly context: string; readonly dockerfile?: string } }>>;
  };
  const build = (services[service] ?? services[`${service}-blue`])?.build;
  if (build === undefined) throw new Error(`${service} is not built here`);
  return { context: build.context, dockerfile: join(build.context, build.dockerfile ?? "Dockerfile") };
}

/** Each generated service brings tests of its own; its Dockerfile has a stage that runs them. */
describe("the generated services' own tests", () => {
  it.each(stack.application.built)("PLAT-4 linters and tests of services/%s pass in their test stage", async (service) => {
    const tag = `${project.name}/${service}:test`;
    const { context, dockerfile } = await buildOf(service);
    const built = await run("docker", ["build", "--quiet", "--target", "test", "--tag", tag, "--file", dockerfile, context], {
      timeout: 600_000,
      env: { DOCKER_BUILDKIT: "1" },
    });
    expect(built.code, built.err.slice(-6000)).toBe(0);
    const ran = await run("docker", ["run", "--rm", "--network", "none", tag], { timeout: 300_000 });
    expect(ran.code, (ran.out + ran.err).slice(-6000)).toBe(0);
    expect(ran.out + ran.err).toMatch(/[1-9]\d* passed/);
  });
});
