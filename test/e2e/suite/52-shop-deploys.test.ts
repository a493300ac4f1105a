import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";

import type { Person } from "../apps/application.ts";
import { Load, TITLE } from "../lib/load.ts";
import { Project } from "../lib/project.ts";
import { must, until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);

stacksWith("units of their own", stack.id === "ecommerce-microservices").describe("each service is deployed by itself, under load", () => {
  let people: readonly Person[];
  const units = ["product-api", "order-api", "payment-api", "api-gateway", "frontend"];
  beforeAll(async () => {
    people = await application.signIn(project, 12, "units");
  });

  it.each(units)("SHOP-9 a deploy of one service alone loses no request, and so does the way back: %s", { timeout: 900_000 }, async (unit) => {
    const version = "7.0.0";
    await must("docker", ["tag", `${project.name}/${unit}:dev`, `${project.name}/${unit}:${version}`]);
    const others = async () =>
      (await project.inspect())
        .filter((one) => !(one.Config.Labels["com.docker.compose.service"] as string).startsWith(unit))
        .map((one) => `${one.Config.Labels["com.docker.compose.service"]} ${one.State.StartedAt}`)
        .filter((line) => !line.includes("-migrate "))
        .toSorted();
    const before = await others();
    const load = new Load(project, application, people, { rate: 8, mix: ["write", "read", "page", "write", "page"] });
    const deployed = await project.ops("deploy", [version, "--only", unit, "--no-build"], { timeout: 600_000 });
    const named = unit === "frontend" ? "" : readFileSync(join(project.dir, "state/live", unit), "utf8").trim();
    const back = await project.ops("rollback", ["--only", unit], { timeout: 300_000 });
    const loaded = await load.stop();
    expect(deployed.code, deployed.out + deployed.err).toBe(0);
    expect(back.code, back.out + back.err).toBe(0);
    console.log(
      `${unit}: ${loaded.sent} requests, ${loaded.writes} orders, ${loaded.failed.length} failed; back after ${/after (\d+) ms/.exec(back.out)?.[1]} ms`,
    );
    expect(loaded.failed).toEqual([]);
    expect(loaded.made.length).toBeGreaterThan(3);
    // What was taken while a service changed under it ends as every other order.
    const done = () => application.things(project, TITLE, true);
    expect(await until(done, (ids) => loaded.made.every((id) => ids.includes(id)), 120_000)).toEqual(expect.arrayContaining([...loaded.made]));
    if (unit !== "frontend") expect(named).toBe(`${unit}-green`);
    expect(await others()).toEqual(before);
  });
});
