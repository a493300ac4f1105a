import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Load, type Loaded, type Person, type Shape, signIn, TITLE } from "../lib/load.ts";
import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const ports = { http: stack.ports.http + 4, https: stack.ports.https + 4 };
/** Twenty take a quarter of an hour; the scheduled run asks for them. */
const rounds = Number(process.env["E2E_DEPLOYS"] ?? "3");
const SHAPE: Shape = { rate: 200, mix: ["write", "read", "page", "page", "page", "page", "read", "page", "page", "page"] };
const PASSED = { timeout: 900_000 };

describe("deploys, on a stack of its own without rate limits", () => {
  let project: Project;
  let people: readonly Person[];
  const image = (service: string, version: string) => `${project.name}/${service}:${version}`;
  /** A version whose images are those of another one, or made from them. */
  const version = async (name: string, dockerfile = "") => {
    for (const service of ["backend", "frontend"]) {
      if (service === "backend" && dockerfile !== "")
        await must("docker", ["build", "-q", "-t", image(service, name), "-"], { input: `FROM ${image(service, "dev")}\n${dockerfile}\n` });
      else await must("docker", ["tag", image(service, "dev"), image(service, name)]);
    }
    return name;
  };
  const load = () => new Load(project, people, SHAPE);
  const deploy = (name: string, ...more: string[]) => project.ops("deploy", [name, "--no-build", ...more], PASSED);
  const live = () =>
    /^LIVE_VERSION=(.*)$/m.exec(
      existsSync(join(project.dir, "state/live.env")) ? readFileSync(join(project.dir, "state/live.env"), "utf8") : "",
    )?.[1] ?? "dev";

  /** Every confirmed write of this run is there once, and nothing else of it is. */
  const made: string[] = [];
  const expectRows = async () => {
    const sql = `select id from articles_article where title like '${TITLE}%'`;
    const out = await project.mustCompose(["exec", "-T", "db", "psql", "-h", "/run/postgresql", "-U", "postgres", "-d", "app", "-tAc", sql], {
      env: { PGPASSWORD: project.secret("postgres_password") },
    });
    expect(out.trim().split("\n").toSorted()).toEqual(made.toSorted());
  };

  beforeAll(async () => {
    const name = `${stack.instance}-deploy`;
    await Project.open(name, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports);
    project.patch("nginx/plan/limits.conf", /rate=\d+r\/m/g, "rate=60000r/m");
    project.patch("nginx/plan/locations.conf", /burst=\d+/g, "burst=2000");
    project.patch(
      "compose.yaml",
      "  APP_ENV: production\n",
      "  APP_ENV: production\n  RATE_LIMIT_API: 1000000/min\n  RATE_LIMIT_AUTH: 1000000/min\n",
    );
    project.configure();
    const up = await project.ops("up", ["--production", "--build"], PASSED);
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    people = await signIn(project, 7, "deploys");
  });
  afterAll(async () => {
    await project.destroy();
    const images = (await must("docker", ["images", "-q", "--filter", `reference=${project.name}/*`])).trim();
    if (images !== "") await run("docker", ["rmi", "-f", ...new Set(images.split("\n"))]);
  });

  it(`PROD-1 deploys and rollbacks under load lose no request (${rounds} of each)`, async () => {
    const running = load();
    const took: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      const name = await version(`1.0.${round}`);
      const deployed = await deploy(name);
      expect(deployed.code, deployed.out + deployed.err).toBe(0);
      expect(live()).toBe(name);
      const back = await project.ops("rollback", [], PASSED);
      expect(back.code, back.out + back.err).toBe(0);
      took.push(Number(/after (\d+) ms/.exec(back.out)?.[1]));
    }
    const result = await running.stop();
    console.log(
      `${rounds} deploys, ${rounds} rollbacks: ${result.sent} requests, ${Math.round(result.perSecond)}/s, ${result.failed.length} failed, rollbacks ${took.join(", ")} ms`,
    );
    expect(result.failed).toEqual([]);
    expect(result.perSecond).toBeGreaterThan(150);
    expect(result.releases.length).toBeGreaterThanOrEqual(2);
    made.push(...result.made);
    await expectRows();
    expect(Math.max(...took), "PROD-2 rollback under five seconds").toBeLessThan(5000);
  });

  it("PROD-2 rollback says how long it took, status what is live, and both copies' services are where they belong", async () => {
    expect((await deploy(await version("2.0.0"))).code).toBe(0);
    const status = await project.mustOps("status");
    expect(status).toContain("live, version 2.0.0, 3 services running");
    const containers = (await project.inspect())
      .filter((one) => one.State.Running)
      .map((one) => one.Config.Labels["com.docker.compose.service"] as string);
    expect(containers.filter((service) => service.startsWith("worker")).length).toBe(1);
    expect(containers.filter((service) => service.startsWith("beat")).length).toBe(1);
    expect((await project.ops("health")).code).toBe(0);
    expect((await deploy("2.0.0")).out).toContain("is live already");
    expect((await project.ops("up", ["--production"], PASSED)).code, "up keeps the live copy").toBe(0);
    const after = (await project.inspect())
      .filter((one) => one.State.Running)
      .map((one) => one.Config.Labels["com.docker.compose.service"] as string);
    expect(after.filter((service) => service.startsWith("worker"))).toEqual(containers.filter((service) => service.startsWith("worker")));
    const isolation = await project.ops("isolation", [], PASSED);
    expect(isolation.code, isolation.out + isolation.err).toBe(0);
  });

  it.each([
    ["start", "never healthy", 'CMD ["sleep", "600"]', ["--timeout", "25"]],
    ["migrate", "a migration that fails", "RUN sed -i 's/^import/raise SystemExit(3)\\nimport/' /app/manage.py || true\nCMD [\"gunicorn\"]", []],
    ["smoke", "answers that are wrong", 'USER 0:0\nRUN sed -i \'s/"healthy" if healthy/"fine" if healthy/\' /app/ops/views.py\nUSER 10001:10001', []],
  ])("PROD-3 a deploy that fails or is interrupted leaves the old version: %s (%s)", async (step, _, dockerfile, more) => {
    const before = live();
    const running = load();
    const failed = await deploy(await version(`bad-${step}`, dockerfile), ...more);
    const result = await running.stop();
    expect(failed.code, failed.out).toBe(1);
    expect(failed.err).toContain(`stopped at step ${step}`);
    expectUntouched(result, before);
  });

  it.each(["migrate", "start", "smoke", "switch", "background"].flatMap((step) => [[step, "SIGINT"] as const, [step, "SIGKILL"] as const]))(
    "PROD-3 a deploy that fails or is interrupted leaves a version serving: %s, %s",
    async (step, signal) => {
      const running = load();
      const name = await version(`3.${step}-${signal.toLowerCase()}`);
      const child = spawn(join(project.dir, "ops/deploy"), [name, "--no-build"], { cwd: project.dir, detached: true });
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        // The whole group, as a terminal or an out-of-memory killer would.
        if (said.includes(`${step}: `) && child.pid !== undefined) process.kill(-child.pid, signal);
      });
      const code = await new Promise<number | null>((done) => child.on("close", done));
      expect(code).not.toBe(0);
      const after = await project.ops("deploy", [await version("4.0.0"), "--no-build", "--force"], PASSED);
      const result = await running.stop();
      expect(after.code, after.out + after.err).toBe(0);
      expect(result.failed).toEqual([]);
      expect(live()).toBe("4.0.0");
    },
  );

  function expectUntouched(result: Loaded, before: string): void {
    expect(result.failed).toEqual([]);
    expect(live()).toBe(before);
    expect(result.releases.length).toBe(1);
  }
});
