import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { opensFromHost } from "../lib/from-host.ts";
import { imageOf } from "../lib/images.ts";
import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { type Cell, documented, printed } from "../lib/shop-matrix.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);

/** Opens a connection to each target from inside the network namespace of a service: what it can do, whatever its image holds. */
const PROBE = `
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def probe(target):
    host, port = target
    try:
        with socket.create_connection((host, port), 0.8): return True
    except OSError: return False
with ThreadPoolExecutor(32) as pool: print(json.dumps(list(pool.map(probe, json.load(sys.stdin)))))
`;

async function opens(from: string, targets: readonly (readonly [string, number])[]): Promise<readonly boolean[]> {
  const id = (await project.containers()).get(from) ?? "";
  const words = ["--network", `container:${id}`, "--cap-drop", "ALL", "--read-only", "-e", "RES_OPTIONS=timeout:1 attempts:1"];
  const input = JSON.stringify(targets);
  return JSON.parse(await must("docker", ["run", "--rm", "-i", ...words, "--entrypoint", "python", imageOf("python"), "-c", PROBE], { input }));
}

async function addressesOf(service: string): Promise<readonly string[]> {
  const found = (await project.inspect()).find((one) => one.Config.Labels["com.docker.compose.service"] === service);
  return Object.values(found?.NetworkSettings.Networks ?? {}).flatMap((network: any) =>
    network.IPAddress === "" ? [] : [network.IPAddress as string],
  );
}

const shop = stacksWith("orders", stack.id === "ecommerce-microservices").describe;

shop("the matrix of document 004 on the running stack", () => {
  it("SHOP-2 the matrix of the document is exactly true, cell by cell and both ways", { timeout: 300_000 }, async () => {
    const cells = documented(project.dir);
    const seen = new Map<Cell, boolean>();
    const networks = async (service: string) => {
      const one = (await project.inspect()).find((candidate) => candidate.Config.Labels["com.docker.compose.service"] === service);
      return Object.keys(one?.NetworkSettings.Networks ?? {});
    };
    // From the host, as from anywhere else: by the ports that are published, and by every address that a container has.
    for (const cell of cells.filter((one) => one.from === "internet")) {
      const through = cell.to === "frontend" ? "/" : "/api/v1/health/live/";
      const answers = cell.open
        ? [(await project.edge().call(through)).status === 200]
        : await Promise.all((await addressesOf(cell.to)).map((address) => opensFromHost(address, cell.port)));
      seen.set(cell, answers.some(Boolean));
    }
    for (const from of new Set(cells.map((cell) => cell.from).filter((one) => one !== "internet"))) {
      const near = new Set(await networks(from));
      const targets: { readonly cell: Cell; readonly host: string }[] = [];
      for (const cell of cells.filter((one) => one.from === from)) {
        // By name, and by every address: one that a name does not give is no less open.
        targets.push({ cell, host: cell.to });
        if (!cell.open && (await networks(cell.to)).some((name) => near.has(name)))
          for (const host of await addressesOf(cell.to)) targets.push({ cell, host });
      }
      const answers = await opens(
        from,
        targets.map(({ cell, host }) => [host, cell.port]),
      );
      for (const [at, { cell }] of targets.entries()) seen.set(cell, seen.get(cell) === true || answers[at] === true);
    }
    console.log(printed(cells, (cell) => seen.get(cell) === true));
    expect(cells.filter((cell) => seen.get(cell) !== cell.open).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
    expect(cells.length).toBe(37);
  });

  it("SHOP-2 segments lie in the documented subnets, and closed networks are closed in the engine's own words", async () => {
    const example = readFileSync(join(project.dir, ".env.example"), "utf8");
    for (const [name, subnet] of [
      ["FRONTEND", "172.20.0."],
      ["BACKEND", "172.21.0."],
      ["DATABASE", "172.22.0."],
      ["PAYMENT", "172.23.0."],
    ] as const) {
      const lines = [...example.matchAll(new RegExp(`^#?SUBNET_${name}\\w*=(.*)$`, "gm"))].map(([, value]) => value ?? "");
      expect(lines.length, name).toBeGreaterThan(0);
      for (const line of lines) expect(line, name).toContain(subnet);
    }
    const out = await must("docker", ["network", "ls", "--filter", `label=com.docker.compose.project=${project.name}`, "--format", "{{.Name}}"]);
    for (const name of out
      .trim()
      .split("\n")
      .map((line) => line.slice(project.name.length + 1))) {
      if (!/^(backend|database|payment)/.test(name) || name === "payment-outside") continue;
      const internal = await must("docker", ["network", "inspect", "-f", "{{.Internal}}", `${project.name}_${name}`]);
      expect([name, internal.trim()]).toEqual([name, "true"]);
    }
  });

  it("SHOP-3 payment-api has no way out but the proxy of a provider that was chosen", async () => {
    const egress = project.find("egress-proxy");
    const [world, proxy] = await opens("payment-api", [
      ["1.1.1.1", 443],
      [egress ?? "egress-proxy", 8888],
    ]);
    expect([world, proxy]).toEqual([false, egress !== undefined]);
    if (egress === undefined) return;
    for (const service of ["order-api", "api-gateway", "product-api"])
      expect([service, await opens(service, [[egress, 8888]])]).toEqual([service, [false]]);
  });
});

shop("what the document promises of each service", () => {
  it("SHOP-1 the documented paths answer, with and without the version", async () => {
    for (const path of [
      "/health",
      "/api/health",
      "/api/products",
      "/api/products/health",
      "/api/orders/health",
      "/api/v1/health/",
      "/api/v1/products/",
    ])
      expect([path, (await project.edge().call(path)).status]).toEqual([path, 200]);
    expect((await project.edge().call("/api/orders")).status).toBe(401);
    // What services ask each other is no path of the edge.
    expect((await project.edge().call("/relay/product-api/api/v1/products/")).headers["content-type"]).toMatch(/text\/html/);
  });

  it("SHOP-4 the stack's own services run as 1001, and can write nowhere but /tmp", async () => {
    for (const service of ["api-gateway", "product-api", "order-api", "payment-api", "frontend"]) {
      const id = (await project.containers()).get(service) ?? "";
      expect([service, (await must("docker", ["exec", id, "id", "-u"])).trim()]).toEqual([service, "1001"]);
      expect((await run("docker", ["exec", id, "sh", "-c", "echo x >/srv/x || echo x >/app/x"])).code, service).not.toBe(0);
    }
  });

  it("SHOP-5 a secret is readable where it is used, and mounted nowhere else", async () => {
    const details = await project.inspect();
    for (const name of project.secrets()) {
      const consumers = project.consumersOf(name);
      const mounted = details
        .filter((one) => (one.Mounts as any[]).some((mount) => mount.Source === join(project.dir, "secrets", name)))
        .map((one) => one.Config.Labels["com.docker.compose.service"] as string);
      expect(
        mounted.filter((service) => !consumers.includes(service)),
        name,
      ).toEqual([]);
    }
    for (const service of ["api-gateway", "product-api", "order-api", "payment-api"]) {
      const read = await must("docker", [
        "exec",
        (await project.containers()).get(service) ?? "",
        "sh",
        "-c",
        "cat /run/secrets/* >/dev/null && echo readable",
      ]);
      expect([service, read.trim()]).toEqual([service, "readable"]);
    }
    // Who has a pair's key can sign for it; who has none is refused, on whatever network.
    const asked = await must("docker", [
      "exec",
      (await project.containers()).get("api-gateway") ?? "",
      "python",
      "-c",
      "import urllib.request as r\ntry: print(r.urlopen('http://product-api:8001/internal/v1/products').status)\nexcept Exception as e: print(getattr(e, 'code', e))",
    ]);
    expect(asked.trim()).toMatch(/^40[13]$/);
  });

  it("SHOP-6 what the application wrote in its books cannot be changed or deleted by it", async () => {
    const psql = "PGPASSWORD=$(</run/secrets/db_app_password) exec psql -X -q -A -t -h 127.0.0.1 -U app -d app";
    for (const [word, table] of [
      ["product-sql", "stock_movements"],
      ["order-sql", "audit_log"],
      ["order-sql", "payment_ledger"],
    ] as const) {
      const say = async (input: string) => {
        const ran = await run("docker", ["exec", "-i", await project.container(word), "bash", "-c", psql], { input });
        return ran.out + ran.err;
      };
      // The role is the application's, and does read them.
      expect(await say(`SELECT count(*) >= 0 FROM ${table}`), table).toBe("t\n");
      for (const sql of [`UPDATE ${table} SET at = now()`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
        expect(await say(sql), sql).toContain("permission denied");
      expect(await say(`DROP TABLE ${table}`)).toMatch(/must be owner|permission denied/);
    }
  });

  it("SHOP-7 security-check says what it found by its exit code", async () => {
    const bin = join(project.dir, "..", "fake-trivy");
    mkdirSync(bin, { recursive: true });
    const check = async (code: number, ...args: readonly string[]) => {
      writeFileSync(join(bin, "trivy"), `#!/bin/sh\necho "$@"\nexit ${code}\n`, { mode: 0o755 });
      return run(join(project.dir, "security-check.sh"), ["--only", "files", ...args], {
        cwd: project.dir,
        env: { PATH: `${bin}:${process.env["PATH"] ?? ""}` },
      });
    };
    expect((await check(0)).code).toBe(0);
    expect((await check(3)).code).toBe(3);
    const failed = await check(1);
    expect([failed.code, failed.err]).toEqual([1, expect.stringContaining("this is no clean result")]);
    expect((await check(0, "--severity", "CRITICAL")).out).toContain("--severity CRITICAL");
    const missing = await run(join(project.dir, "security-check.sh"), ["--only", "files"], { cwd: project.dir, env: { PATH: "/usr/bin:/bin" } });
    if (missing.code !== 0) expect([missing.code, missing.err]).toEqual([1, expect.stringContaining("trivy is not installed")]);
  });
});

stacksWith("orders and monitoring", stack.id === "ecommerce-microservices" && project.find("metrics") !== undefined).describe(
  "with monitoring (E2E_SET=monitoring=true)",
  () => {
    it("PROD-6 every target of the plan is up, each application on a network of its own", async () => {
      const targets = await project.ops("alerts", ["--targets"]);
      expect(targets.code, targets.out + targets.err).toBe(0);
      for (const service of ["api-gateway", "product-api", "order-api", "payment-api", "product-postgres-exporter", "order-postgres-exporter"])
        expect(targets.out).toMatch(new RegExp(`^1 .*instance="${service}:`, "m"));
      expect(
        await opens("product-api", [
          ["order-api", 9101],
          ["api-gateway", 9101],
          ["payment-api", 9101],
        ]),
      ).toEqual([false, false, false]);
    });
  },
);
