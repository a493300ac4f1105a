import { describe, expect, it } from "vitest";

import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);

describe("the configuration, as the programs that read it judge it", () => {
  // A variable that nobody sets, or a key that is ignored, is a warning on stderr and exit code 0.
  it.each([
    ["production", ["-f", "compose.yaml", "-f", "compose.production.yaml"]],
    ["development", []],
  ])("PLAT-5 docker compose config of %s passes without a warning", async (_, files) => {
    const ran = await run("docker", ["compose", ...files, "config", "-q"], { cwd: project.dir });
    expect([ran.code, ran.out, ran.err]).toEqual([0, "", ""]);
  });

  it("PROD-7 nginx -t passes in the running edge without a warning, on the file it was started with", async () => {
    const edge = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === project.service("edge"));
    const [file] = edge.Config.Cmd as readonly string[];
    expect(file).toBe("https.conf");
    const ran = await run("docker", ["exec", edge.Id, "nginx", "-t", "-e", "/dev/stderr", "-c", `/etc/nginx/edge/${file}`]);
    expect(ran.code, ran.err).toBe(0);
    expect(ran.err).toContain("test is successful");
    expect(ran.err).not.toMatch(/\[(warn|error|crit|alert|emerg)\]/);
  });
});
