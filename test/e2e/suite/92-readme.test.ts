import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { blocksIn } from "../lib/runbooks.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const ports = { http: stack.ports.http + 6, https: stack.ports.https + 6 };

/** A stranger with a fresh project: every block of README.md, from above, as it is written but for the ports. */
describe("README.md, letter by letter", () => {
  let project: Project;
  const typed: string[] = [];
  beforeAll(async () => {
    const name = `${stack.instance}-readme`;
    await clear(Project.open(name, ports));
    project = await Project.scaffold(stack.id, name, ports);
    // The tools' ports of development, wherever nobody else of the lab listens.
    const tools = readFileSync(join(project.dir, "compose.override.yaml"), "utf8").matchAll(/\$\{([A-Z_]+_DEV_PORT):-/g);
    const variables = [...new Set([...tools].map((match) => match[1] ?? ""))];
    project.configure(Object.fromEntries(variables.map((variable, index) => [variable, String(ports.https + 100 + index)])));
  });
  afterAll(async () => {
    if (project !== undefined) await clear(project);
  });
  const clear = async (one: Project) => {
    if (existsSync(join(one.dir, "ops/down"))) {
      await one.ops("down", ["--volumes", "--yes", "--instance", "staging"]);
      await one.ops("down", ["--volumes", "--yes"]);
    }
    await one.destroy();
  };

  it("PLAT-4 every command of README.md works as written, one after the other", async () => {
    for (const { line, text } of blocksIn(project.dir, "README.md")) {
      const filledIn = text.replaceAll("8081", String(ports.http)).replaceAll("8443", String(ports.https));
      const ran = await run("bash", ["-euo", "pipefail", "-c", filledIn], { cwd: project.dir, timeout: 500_000, input: "" });
      expect(ran.code, `README.md:${line}\n${filledIn}\n${ran.out.slice(-3000)}${ran.err.slice(-3000)}`).toBe(0);
      typed.push(...text.split("\n"));
    }
    expect(typed).toEqual(expect.arrayContaining(["ops/up", "ops/up --production", "ops/isolation", "ops/up --production --instance staging"]));
    expect((await project.edge().call("/health")).status).toBe(200);
  }, 900_000);
});
