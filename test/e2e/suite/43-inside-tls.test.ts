import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { Certified } from "../lib/inside-tls.ts";
import { Load } from "../lib/load.ts";
import { Project } from "../lib/project.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const table = join(project.dir, "ops/data/certificates.tsv");

stacksWith("certificates inside, and SQL", existsSync(table) && project.find("sql") !== undefined).describe("TLS between the services", () => {
  it("NET-4 nobody is let in without TLS, and no stranger's certificate is taken", async () => {
    const serving = Certified.of(project);
    expect(serving.length).toBeGreaterThan(0);
    for (const one of serving) expect(await one.openings()).toEqual([]);
  });

  it("NET-4 every client asks for the certificate: no setting lets one go without", async () => {
    const config = JSON.parse(await project.mustCompose(["config", "--format", "json"])) as {
      services: Record<string, { environment?: Record<string, string>; volumes?: { source: string; target: string }[] }>;
    };
    const names = Certified.of(project).map(({ service }) => service);
    for (const [name, { environment = {}, volumes = [] }] of Object.entries(config.services)) {
      if (!names.includes(environment["DB_HOST"] ?? "")) continue;
      expect([name, environment["DB_CA_FILE"]]).toEqual([name, "/run/trust/ca.crt"]);
      expect(
        volumes.map(({ target }) => target),
        name,
      ).toContain("/run/trust");
      // The key of a server is with that server alone.
      if (names.includes(name)) continue;
      expect(
        volumes.filter(({ target }) => target === "/run/tls"),
        name,
      ).toEqual([]);
    }
    const sessions = await project.sql(
      "SELECT count(*), count(*) FILTER (WHERE ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'app'",
    );
    const [all, encrypted] = sessions.trim().split("|").map(Number);
    expect(all).toBeGreaterThan(0);
    expect(encrypted).toBe(all);
  });

  it("NET-4 certificates are renewed under load, and those are served from then on", async () => {
    const people = await application.signIn(project, 6, "renewal");
    const load = new Load(project, application, people, { rate: 6, mix: ["read", "page", "write"] });
    const before = readFileSync(join(project.dir, "tls", project.service("sql"), "server.crt"), "utf8");
    const renewed = await project.ops("tls", ["renew", "--force"]);
    await new Promise((wake) => setTimeout(wake, 4_000));
    const { failed, sent } = await load.stop();
    console.log(`renewed all certificates: ${sent} requests, ${failed.length} failed`);
    expect(renewed.code, renewed.out + renewed.err).toBe(0);
    expect(failed).toEqual([]);
    for (const one of Certified.of(project)) {
      const file = readFileSync(join(project.dir, "tls", one.service, "server.crt"), "utf8");
      expect([one.service, await one.served()]).toEqual([one.service, file.trim()]);
    }
    expect(readFileSync(join(project.dir, "tls", project.service("sql"), "server.crt"), "utf8")).not.toBe(before);
    const health = await project.ops("health", ["--wait", "60"]);
    expect(health.code, health.out + health.err).toBe(0);
  });
});
