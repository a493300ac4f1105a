import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { ANSWERS, seedDefect } from "../../defects/apply.ts";
import type { Person } from "../apps/application.ts";
import { Certified } from "../lib/inside-tls.ts";
import { Project } from "../lib/project.ts";
import { run } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const ports = { http: stack.ports.http + 8, https: stack.ports.https + 8 };
const LONG = { timeout: 400_000 };

stacksWith("documents", stack.id === "node-mongo").describe("MongoDB with TLS, on a stack of its own", () => {
  let project: Project;
  let person: Person;
  const file = () => readFileSync(join(project.dir, "tls/mongo/server.crt"), "utf8").trim();
  const mongo = () => Certified.of(project).find(({ service }) => service === "mongo")!;
  /** One that is written, read again, and found. */
  const works = async (title: string) => {
    const edge = project.edge();
    const { path, body } = application.write(title);
    const made = await edge.call(path, { method: "POST", headers: person.headers, body: JSON.parse(body ?? "") });
    expect(made.status, made.body).toBe(201);
    const read = await edge.call(application.pathOf(application.idOf(made.body)), { headers: person.headers });
    expect(read.body).toContain(title);
  };

  beforeAll(async () => {
    const name = `${stack.instance}-tls`;
    await Project.open(name, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports, ANSWERS["mongo-tls"]);
    seedDefect(project, "mongo-tls");
    project.configure();
    const up = await project.ops("up", ["--production", "--build"], LONG);
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    [person] = (await application.signIn(project, 1, "tls")) as [Person];
  }, 500_000);
  afterAll(() => project?.destroy());

  it("NET-4 MongoDB lets nobody in without TLS, its clients ask for its certificate, and all of them get in", async () => {
    expect(Certified.of(project).map(({ service }) => service)).toEqual(["mongo"]);
    expect(await mongo().openings()).toEqual([]);
    await works("Through TLS");
    expect((await project.ops("isolation", [], LONG)).code).toBe(0);
  });

  it("NET-4 its health check leaves nothing behind", async () => {
    const id = (await project.containers()).get("mongo") ?? "";
    const processes = async () => (await run("docker", ["top", id, "-o", "pid,args"])).out.split("\n").filter((line) => line.includes("openssl"));
    const look = await run("docker", ["exec", id, "bash", "/opt/mongo/health"]);
    expect(look.code, look.err).toBe(0);
    // The engine's own looks come and go; what stays is there both times.
    const first = await processes();
    await new Promise((wake) => setTimeout(wake, 6_000));
    const second = await processes();
    expect(second.filter((line) => first.includes(line))).toEqual([]);
  });

  it("PROD-12 a backup is taken through TLS, and the drill finds in it what was there", LONG, async () => {
    for (const script of ["backup", "drill"]) {
      const ran = await project.ops(script, [], LONG);
      expect(ran.code, `${script}: ${ran.out}${ran.err}`).toBe(0);
    }
  });

  it("NET-4 a renewed certificate is served, a new password gets in", LONG, async () => {
    const before = file();
    const renewed = await project.ops("tls", ["renew", "--force"], LONG);
    expect(renewed.code, renewed.out + renewed.err).toBe(0);
    expect(file()).not.toBe(before);
    expect(await mongo().served()).toBe(file());
    expect((await project.ops("health", ["--wait", "60"])).code).toBe(0);
    await project.mustOps("secrets", ["rotate", "mongo_app_password"], LONG);
    await works("After both");
  });
});
