import { describe, expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);

/** Each generated service brings tests of its own; its Dockerfile has a stage that runs them. */
describe("the generated services' own tests", () => {
  it.each(stack.application.built)("PLAT-4 linters and tests of services/%s pass in their test stage", async (service) => {
    const tag = `${project.name}/${service}:test`;
    const built = await run("docker", ["build", "--quiet", "--target", "test", "--tag", tag, `services/${service}`], {
      cwd: project.dir,
      timeout: 600_000,
      env: { DOCKER_BUILDKIT: "1" },
    });
    expect(built.code, built.err.slice(-6000)).toBe(0);
    const ran = await run("docker", ["run", "--rm", "--network", "none", tag], { timeout: 300_000 });
    expect(ran.code, (ran.out + ran.err).slice(-6000)).toBe(0);
    expect(ran.out + ran.err).toMatch(/[1-9]\d* passed/);
  });
});
