import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { imageOf } from "../lib/images.ts";
import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
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

/** A server that nobody reaches but who shares its loopback; gives the container's id. */
async function databaseForTests(): Promise<string> {
  // Not of the project: its scripts know what they started.
  const words = ["--network", "none", "--label", "io.breakwater.e2e=outside", "--env", "POSTGRES_HOST_AUTH_METHOD=trust"];
  const id = (await must("docker", ["run", "--detach", ...words, imageOf("postgres")])).trim();
  const ready = () => run("docker", ["exec", id, "pg_isready", "--quiet", "--host", "127.0.0.1"]);
  expect((await until(ready, ({ code }) => code === 0, 60_000)).code, "the database for tests").toBe(0);
  return id;
}

/** Each generated service brings tests of its own; its Dockerfile has a stage that runs them. */
describe("the generated services' own tests", () => {
  it.each(application.built)("PLAT-4 linters and tests of services/%s pass in their test stage", { timeout: 1_200_000 }, async (service) => {
    const tag = `${project.name}/${service}:test`;
    const { context, dockerfile } = await buildOf(service);
    const built = await run("docker", ["build", "--quiet", "--target", "test", "--tag", tag, "--file", dockerfile, context], {
      timeout: 600_000,
      env: { DOCKER_BUILDKIT: "1" },
    });
    expect(built.code, built.err.slice(-6000)).toBe(0);
    const passes = async (...words: readonly string[]) => {
      const ran = await run("docker", ["run", "--rm", ...words, tag], { timeout: 600_000 });
      expect(ran.code, (ran.out + ran.err).slice(-6000)).toBe(0);
      expect(ran.out + ran.err).toMatch(/[1-9]\d* passed/);
      return ran.out + ran.err;
    };
    const plain = await passes("--network", "none");
    if (application.onPostgres?.includes(service) !== true) {
      const left = [...plain.matchAll(/(\d+) (?:skipped|todo)/g)].map(([, count]) => Number(count));
      expect(Math.max(0, ...left), "tests that were left out").toBe(application.onServer?.[service] ?? 0);
      return;
    }
    const database = await databaseForTests();
    try {
      const told = await passes("--network", `container:${database}`, "--env", "TEST_POSTGRES=127.0.0.1:5432");
      expect(told, "a test that was left out").not.toMatch(/\d+ skipped/);
    } finally {
      await must("docker", ["rm", "--force", "--volumes", database]);
    }
  });
});
