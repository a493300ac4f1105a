import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { seedDefect } from "../../defects/apply.ts";
import type { Person } from "../apps/application.ts";
import { type Kind, Load, type Loaded, TITLE } from "../lib/load.ts";
import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const ports = { http: stack.ports.http + 4, https: stack.ports.https + 4 };
/** Twenty take most of an hour; the scheduled run asks for them. */
const rounds = Number(process.env["E2E_DEPLOYS"] ?? (process.env["E2E_FULL"] === "1" ? "20" : "2"));
/** Requests a second that are offered; what is answered is told. A little over the 200 that are wanted, since a rate that is a cap is not an average. */
const rate = Number(process.env["E2E_RATE"] ?? application.bears ?? "220");
const MIX: readonly Kind[] = ["write", "page", "page", "page", "page", "page", "read", "page", "page", "page"];
const PASSED = { timeout: 900_000 };

describe("deploys, on a stack of its own without rate limits", () => {
  let project: Project;
  let people: readonly Person[];
  const image = (service: string, version: string) => `${project.name}/${service}:${version}`;
  /** A version whose images are those of another one, or made from them. */
  const version = async (name: string, dockerfile = "") => {
    for (const service of application.images) {
      if (service === application.images[0] && dockerfile !== "")
        await must("docker", ["build", "-q", "-t", image(service, name), "-"], { input: `FROM ${image(service, "dev")}\n${dockerfile}\n` });
      else await must("docker", ["tag", image(service, "dev"), image(service, name)]);
    }
    return name;
  };
  const only = application.unit === undefined ? [] : ["--only", application.unit];
  const key = application.unit === undefined ? "" : `${application.unit.toUpperCase().replaceAll("-", "_")}_`;
  const deploy = (name: string, ...more: string[]) => project.ops("deploy", [name, ...only, "--no-build", ...more], PASSED);
  const live = () =>
    new RegExp(`^${key}LIVE_VERSION=(.*)$`, "m").exec(
      existsSync(join(project.dir, "state/live.env")) ? readFileSync(join(project.dir, "state/live.env"), "utf8") : "",
    )?.[1] ?? "dev";

  /** What the server confirmed to have made, all loads together. */
  const made: string[] = [];
  /** What was removed again between loads, when its job was done. */
  const gone: string[] = [];

  beforeAll(async () => {
    const name = `${stack.instance}-deploy`;
    await Project.open(name, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports);
    seedDefect(project, "deploy");
    project.patch("nginx/plan/limits.conf", /rate=\d+r\/m/g, "rate=60000r/m");
    project.patch("nginx/plan/locations.conf", /burst=\d+/g, "burst=2000");
    project.setEverywhere(application.unlimited);
    // Twelve health checks every two seconds would take a third of a small machine, which the load needs.
    project.configure({ HEALTH_INTERVAL: "5s" });
    const up = await project.ops("up", ["--production", "--build"], PASSED);
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    people = await application.signIn(project, 7, "deploys");
  });
  afterAll(async () => {
    await project.destroy();
    const images = (await must("docker", ["images", "-q", "--filter", `reference=${project.name}/*`])).trim();
    if (images !== "") await run("docker", ["rmi", "-f", ...new Set(images.split("\n"))]);
  });

  const containers = async () =>
    (await project.inspect())
      .filter((one) => one.State.Running)
      .map((one) => ({ service: one.Config.Labels["com.docker.compose.service"] as string, id: one.Id as string }))
      .toSorted((a, b) => (a.service < b.service ? -1 : 1));
  /** What runs jobs: one of each at a time, of whichever copy. */
  const background = () => project.withRoles("worker", "scheduler");
  const running = async () => (await containers()).map(({ service }) => service);
  const started = new Set<Load>();
  const load = (rate: number) => {
    const one = new Load(project, application, people, { rate, mix: MIX });
    started.add(one);
    return one;
  };
  /** Ends the load; what it was told, with no failure among it. */
  const calm = async (one: Load): Promise<Loaded> => {
    const result = await one.stop();
    started.delete(one);
    made.push(...result.made);
    gone.push(...((await application.takeAway?.(project, TITLE)) ?? []));
    // The edge says why in its error log, which goes with the project.
    if (result.failed.length > 0)
      console.log(
        (await project.logs(project.service("edge"), 100_000))
          .split("\n")
          .filter((line) => !line.startsWith("{"))
          .slice(-40)
          .join("\n"),
      );
    expect(result.failed).toEqual([]);
    expect(result.sent).toBeGreaterThan(5);
    return result;
  };
  afterEach(async () => {
    for (const one of started) made.push(...(await one.stop()).made);
    started.clear();
  });

  it(
    `PROD-1 deploys and rollbacks under load lose no request (${rounds} of each)`,
    async () => {
      const all = load(rate);
      const took: number[] = [];
      const deploys: number[] = [];
      for (let round = 1; round <= rounds; round++) {
        const name = await version(`1.0.${round}`);
        const began = Date.now();
        const deployed = await deploy(name);
        deploys.push(Math.round((Date.now() - began) / 1000));
        expect(deployed.code, deployed.out + deployed.err).toBe(0);
        expect(live()).toBe(name);
        const back = await project.ops("rollback", only, PASSED);
        expect(back.code, back.out + back.err).toBe(0);
        took.push(Number(/after (\d+) ms/.exec(back.out)?.[1]));
      }
      const result = await calm(all);
      console.log(
        `${rounds} deploys (${deploys.join(", ")} s), ${rounds} rollbacks (${took.join(", ")} ms): ${result.sent} requests, ${Math.round(result.perSecond)}/s, ${result.writes} writes, ${result.failed.length} failed`,
      );
      // The figure that counts is told above, and measured on a quiet machine; below this it would be no load.
      expect(result.perSecond).toBeGreaterThan(rate / 5);
      expect(result.releases.length).toBeGreaterThanOrEqual(2);
      expect(Math.max(...took), "PROD-2 rollback under five seconds").toBeLessThan(5000);
    },
    rounds * 300_000,
  );

  it("PROD-2 rollback says how long it took, status what is live, and each service runs where it belongs", async () => {
    expect((await deploy(await version("2.0.0"))).code).toBe(0);
    expect(await project.mustOps("status")).toContain("live, version 2.0.0, ");
    const before = await running();
    for (const one of background()) expect(before.filter((service) => service === one || service.startsWith(`${one}-`)).length, one).toBe(1);
    expect((await project.ops("health")).code).toBe(0);
    expect((await deploy("2.0.0")).out).toContain("is live already");
    const up = await project.ops("up", ["--production"], PASSED);
    expect([up.code, await running()], up.out + up.err).toEqual([0, before]);
    const isolation = await project.ops("isolation", [], PASSED);
    expect(isolation.code, isolation.out + isolation.err).toBe(0);
    const doctor = await project.ops("doctor", [], PASSED);
    expect(doctor.out.split("\n").filter((line) => line.startsWith("fail"))).toEqual([]);
  }, 600_000);

  const spoilt: readonly (readonly [string, string, string | undefined, readonly string[]])[] = [
    ["start", "never healthy", 'CMD ["sleep", "600"]', ["--timeout", "25"]],
    ["migrate", "a migration that fails", application.spoilt.migration, []],
    ["smoke", "answers that are wrong", application.spoilt.answers, []],
  ];
  it.each(spoilt.filter(([, , dockerfile]) => dockerfile !== undefined))(
    "PROD-3 a deploy that fails or is interrupted leaves the old version: %s (%s)",
    async (step, _, dockerfile, more) => {
      const before = live();
      const some = load(40);
      const failed = await deploy(await version(`bad-${step}`, dockerfile), ...more);
      const result = await calm(some);
      expect([failed.code, failed.err], failed.out).toEqual([1, expect.stringContaining(`stopped at step ${step}`)]);
      expect(live()).toBe(before);
      expect(result.releases.length).toBe(1);
    },
    300_000,
  );

  /** Over before a second has passed; without a queue nobody has jobs to hand over. */
  const brief = application.queue === "" ? ["switch", "background"] : ["switch"];
  it.each(["migrate", "start", "smoke", "switch", "background"].flatMap((step) => [[step, "SIGINT"] as const, [step, "SIGKILL"] as const]))(
    "PROD-3 a deploy that fails or is interrupted leaves a version serving: %s, %s",
    async (step, signal) => {
      const some = load(40);
      const name = await version(`3.${step}-${signal.toLowerCase()}`);
      const child = spawn(join(project.dir, "ops/deploy"), [name, ...only, "--no-build", "--force"], { cwd: project.dir, detached: true });
      let said = "";
      let told = false;
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      child.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (told || !said.includes(`${step}: `)) return;
        told = true;
        // The whole group, as a terminal or an out-of-memory killer would: at once, or while the step is at work.
        setTimeout(() => process.kill(-(child.pid ?? 0), signal), signal === "SIGKILL" && !brief.includes(step) ? 1_500 : 0);
      });
      const code = await new Promise<number | null>((done) => child.on("close", done));
      // Some more requests: what was left half-way shows late.
      await new Promise((wake) => setTimeout(wake, 3_000));
      await calm(some);
      expect(code).not.toBe(0);
      expect(said, "it came as far as that, so the run before it left nothing in the way").toContain(`${step}: `);
      if (signal === "SIGINT") expect(said).toContain(step === "background" ? "is live and serves" : `stopped at step ${step}`);
    },
    300_000,
  );

  it("PROD-3 after all of them the next deploy works: every write is there once, every job was done once", async () => {
    const some = load(40);
    const after = await deploy(await version("4.0.0"));
    await calm(some);
    expect(after.code, after.out + after.err).toBe(0);
    expect(live()).toBe("4.0.0");
    const left = await running();
    for (const one of background()) expect(left.filter((service) => service === one || service.startsWith(`${one}-`)).length, one).toBe(1);
    const health = await project.ops("health", ["--wait", "60"]);
    expect(health.code, health.out).toBe(0);
    const wanted = made.toSorted();
    expect([...gone, ...(await application.things(project, TITLE, false))].toSorted()).toEqual(wanted);
    const done = async () => [...gone, ...(await application.things(project, TITLE, true))].toSorted();
    expect(await until(done, (ids) => ids.length >= wanted.length, 120_000)).toEqual(wanted);
  }, 600_000);
});
