import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { ANSWERS, seedDefect } from "../../defects/apply.ts";
import { alertCauses } from "../lib/alert-causes.ts";
import { Alerts } from "../lib/alerts.ts";
import type { Person } from "../apps/application.ts";
import { imageOf } from "../lib/images.ts";
import { Project } from "../lib/project.ts";
import { must, run, until } from "../lib/run.ts";
import { blocksOf } from "../lib/runbooks.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
// What is stopped and asked here is a database, a queue and its worker.
const first = Project.open(stack.instance, stack.ports);
const ofPostgres = first.find("sql") !== undefined && first.find("broker") !== undefined && first.offers("monitoring");
const { application } = stack;
const ports = { http: stack.ports.http + 6, https: stack.ports.https + 6 };
const name = `${stack.instance}-monitoring`;
const LONG = { timeout: 400_000 };

/** Connects from the network of another container: open, or why not. */
const PROBE = `
import socket, sys
from concurrent.futures import ThreadPoolExecutor
def probe(target):
    host, port = target.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), 0.8).close(); return target + " open"
    except OSError as error: return target + " " + type(error).__name__
with ThreadPoolExecutor(16) as pool: print(list(pool.map(probe, sys.argv[1:])))
`;

stacksWith("SQL", ofPostgres).describe("monitoring, on a stack of its own", () => {
  let project: Project;
  let alerts: Alerts;
  let people: readonly Person[];
  const read = () => project.edge().call(application.paths.things, { headers: people[0]?.headers ?? {} });

  beforeAll(async () => {
    await Project.open(name, ports).destroy();
    project = await Project.scaffold(stack.id, name, ports, ANSWERS["monitoring"]);
    alerts = new Alerts(project);
    seedDefect(project, "monitoring");
    alerts.hurry();
    // A disk that can be filled.
    project.patch(
      "compose.yaml",
      "  node-exporter:\n    <<: *hardening\n",
      '  node-exporter:\n    <<: *hardening\n    tmpfs: ["/host/small:size=1M,mode=1777"]\n',
    );
    project.setEverywhere(application.unlimited);
    project.configure();
    const up = await project.ops("up", ["--production", "--build"], LONG);
    expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
    people = await application.signIn(project, 1, "monitoring");
  }, 500_000);
  afterAll(() => project.destroy());

  it("PROD-6 every target of the plan is up, and no alert fires", async () => {
    const wanted = [project.service("app"), "blackbox-exporter", "node-exporter", "postgres-exporter", "redis-exporter", "site"].toSorted();
    const jobs = async () => (await alerts.query("max by (job) (up) == 1")).map((line) => /job="([^"]+)"/.exec(line)?.[1]).toSorted();
    expect(await until(jobs, (found) => found.length >= wanted.length, 40_000)).toEqual(wanted);
    const well = () => alerts.query("count(probe_success == 1) == 2 and on () (pg_up == 1) and on () (redis_up == 1)");
    expect(await until(well, (found) => found.length === 1, 20_000)).toHaveLength(1);
    for (let request = 0; request < 20; request++) expect((await read()).status).toBe(200);
    expect(
      (
        await until(
          () => project.ops("alerts"),
          (ran) => ran.code === 0,
          40_000,
        )
      ).out,
    ).toContain("no alert fires");
  });

  it("PROD-6 the runbook is run as it is written", async () => {
    const blocks = blocksOf(project.dir).filter(({ page, text }) => page === "monitoring.md" && !text.includes("grafana"));
    expect(blocks).toHaveLength(2);
    for (const { text } of blocks) await must("bash", ["-euo", "pipefail", "-c", text], { cwd: project.dir });
  });

  it("PROD-6 Prometheus is closed to the edge, the application and the host", async () => {
    const details = await project.inspect();
    const of = (service: string) => details.find((one) => one.Config.Labels["com.docker.compose.service"] === service);
    const nets = (service: string) => Object.entries(of(service).NetworkSettings.Networks) as [string, any][];
    const containers = await project.containers();
    const python = imageOf("python");
    // The application's figures as well are for Prometheus alone.
    const portsOf = [
      ["prometheus", 9090],
      [project.service("app"), 9101],
    ] as const;
    for (const service of [...project.withRoles("edge", "app", "frontend", "worker", "database"), "node-exporter", "blackbox-exporter"]) {
      const near = nets(service).map(([network]) => network);
      // The edge has a way out: what it sent to an address of a network that it is not on would leave this host.
      const targets = portsOf.flatMap(([to, port]) =>
        to === service
          ? []
          : [
              to,
              ...nets(to)
                .filter(([network]) => service !== project.service("edge") || near.includes(network))
                .map(([, one]) => one.IPAddress as string),
            ].map((host) => `${host}:${port}`),
      );
      const out = await must("docker", [
        "run",
        "--rm",
        "--network",
        `container:${containers.get(service)}`,
        "-e",
        "RES_OPTIONS=timeout:1 attempts:1",
        "--entrypoint",
        "python",
        python,
        "-c",
        PROBE,
        ...targets,
      ]);
      expect(out, service).toContain("prometheus:9090");
      expect(out, service).not.toContain("open");
    }
    expect(
      Object.values(of("prometheus").NetworkSettings.Ports ?? {})
        .flat()
        .filter(Boolean),
    ).toEqual([]);
    // A page of the frontend, or nothing; never figures.
    for (const path of ["/metrics", "/prometheus/", "/api/v1/metrics", "/graph"])
      expect((await project.edge().call(path)).body, path).not.toMatch(/^# (HELP|TYPE)|prometheus/im);
  });

  it("PROD-6 the rest of the isolation matrix holds with monitoring", async () => {
    const ran = await project.ops("isolation", [], LONG);
    expect(ran.code, ran.out + ran.err).toBe(0);
    const check = await project.ops("secrets", ["check"]);
    expect(check.code, check.out + check.err).toBe(0);
  });

  it("PROD-6 the monitoring's logins read statistics, no rows and no keys", async () => {
    const ask = (text: string) => alerts.sql(text, "app_monitor", "db_monitor_password");
    expect((await ask("SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'app'")).out).toBe("t\n");
    expect((await ask(`SELECT * FROM public.${application.table}`)).err).toContain("permission denied");
    expect((await ask("CREATE TABLE public.x (n int)")).err).toMatch(/permission denied|read-only/);
    const said = await alerts.redis(
      "monitor",
      "redis_monitor_password",
      `INFO server\nGET x\nSET ${application.queue} x\nCONFIG GET *\nKEYS *\nLRANGE ${application.queue} 0 -1`,
    );
    expect(said).toContain("redis_version");
    expect(said.match(/NOPERM/g)).toHaveLength(5);
    // Their passwords are files, and nothing else.
    const shown = [JSON.stringify(await project.inspect())];
    for (const service of ["postgres-exporter", "redis-exporter"])
      shown.push((await alerts.shell(service, "cat /proc/1/environ /proc/1/cmdline")).out, await project.logs(service));
    for (const secret of ["db_monitor_password", "redis_monitor_password"])
      expect(
        shown.some((text) => text.includes(project.secret(secret))),
        secret,
      ).toBe(false);
    expect(shown[1]).toContain("DATA_SOURCE_USER");
  });

  it("PROD-6 on volumes of before, ops/up makes the logins; a rotation changes them", async () => {
    await alerts.sql("DROP OWNED BY app_monitor; DROP ROLE app_monitor");
    const acl = join(project.dir, "secrets/redis_acl");
    writeFileSync(acl, readFileSync(acl, "utf8").replace(/^user monitor .*\n?/m, ""));
    await alerts.redis("app", "redis_password", "ACL LOAD");
    expect(await alerts.redis("monitor", "redis_monitor_password", "PING")).toContain("WRONGPASS");
    const up = await project.ops("up", ["--production", "--no-build"], LONG);
    expect(up.code, up.out + up.err).toBe(0);
    expect(up.out).toContain("made the database role app_monitor");
    expect(up.out).toContain("Redis knows the user monitor");
    for (const secret of ["db_monitor_password", "redis_monitor_password"]) await project.mustOps("secrets", ["rotate", secret]);
    const both = () => alerts.query("(pg_up == 1) and on () (redis_up == 1)");
    expect(await until(both, (found) => found.length === 1, 30_000)).toHaveLength(1);
  });

  it("PROD-6 every question of the dashboards has an answer", async () => {
    const drawn = await Project.scaffold(stack.id, `${name}-drawn`, ports, ["monitoring=true"]);
    const folder = join(drawn.dir, "services/grafana/dashboards");
    const questions = readdirSync(folder).flatMap((file) =>
      (JSON.parse(readFileSync(join(folder, file), "utf8")).panels as any[]).flatMap((panel) =>
        panel.targets.map((target: any) => ({ where: `${file}: ${panel.title}`, text: target.expr as string })),
      ),
    );
    rmSync(drawn.dir, { recursive: true, force: true });
    expect(questions.length).toBeGreaterThan(25);
    for (let request = 0; request < 5; request++) await read();
    const empty: string[] = [];
    for (const { where, text } of questions) {
      const answer = await until(
        () => alerts.query(text),
        (found) => found.length > 0,
        10_000,
      );
      if (answer.length === 0 || answer.some((line) => line.includes("=> NaN"))) empty.push(`${where}: ${text} → ${answer.join(" ")}`);
    }
    expect(empty).toEqual([]);
  });

  const mend: (() => Promise<unknown>)[] = [];
  const fired = new Set<string>();
  const causes = alertCauses({ application, alerts: () => alerts, read: () => read(), mend });

  it.each(causes)("PROD-6 alert %s fires: %s", async (alert, _, make) => {
    expect(await alerts.fires(alert, false)).toBe(false);
    try {
      await make();
      expect(await alerts.fires(alert, true, 60_000), `${alert} fires`).toBe(true);
      expect((await project.ops("alerts")).code).toBe(3);
      fired.add(alert);
    } finally {
      for (const undo of mend.splice(0)) await undo();
    }
  });

  it("PROD-6 every alert was made to fire, and all end with their causes", async () => {
    // Taking a host's memory away is no test for a machine that others use: its rule is asked about figures that we make up.
    const rule = readFileSync(join(project.dir, "services/prometheus/rules/host.yml"), "utf8");
    const made = `rule_files: [host.yml]
evaluation_interval: 1s
tests:
  - interval: 1s
    input_series: [{series: node_memory_MemAvailable_bytes, values: 4x20}, {series: node_memory_MemTotal_bytes, values: 100x20}]
    alert_rule_test: [{eval_time: 10s, alertname: MemoryFull, exp_alerts: [{exp_labels: {severity: warning}, exp_annotations: {summary: "4% of the host's memory are free"}}]}]
`;
    const script = `cat >/tmp/all; cd /tmp; sed '/^====$/,$d' all >host.yml; sed '1,/^====$/d' all >test.yml; promtool test rules test.yml`;
    const prometheus = (await must("docker", ["inspect", "-f", "{{.Image}}", (await project.containers()).get("prometheus") ?? ""])).trim();
    const asked = await run("docker", ["run", "--rm", "-i", "--network", "none", "--entrypoint", "sh", prometheus, "-c", script], {
      input: `${rule}====\n${made}`,
    });
    expect(asked.code, asked.out + asked.err).toBe(0);
    expect([...fired, "MemoryFull"].toSorted()).toEqual(alerts.names());
    const quiet = await until(
      () => project.ops("alerts"),
      (ran) => ran.code === 0,
      60_000,
    );
    expect(quiet.code, quiet.out).toBe(0);
  });
});
