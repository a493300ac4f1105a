import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { imageOf } from "../lib/images.ts";
import { opensFromHost } from "../lib/from-host.ts";
import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);
/** A Python for the probes, whatever the stack's own services are written in. */
const python = imageOf("python");

/** A second pair of eyes beside ops/isolation: Python sockets in the network namespace of each service. */
const PROBE = `
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def probe(target):
    host, port = target
    try:
        with socket.create_connection((host, port), 0.8): return "open"
    except OSError as error: return type(error).__name__
targets = json.load(sys.stdin)
with ThreadPoolExecutor(32) as pool: print(json.dumps(list(pool.map(probe, targets))))
`;

/** Every pair of services and port: reach.tsv lists the open ones, all others are closed. */
function wholeMatrix(): readonly (readonly [from: string, to: string, port: string, expect: string])[] {
  const table = (name: string) =>
    readFileSync(join(project.dir, "ops/data", name), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t"));
  const services = table("services.tsv").map(([name = "", , , listens = "-"]) => ({ name, ports: listens === "-" ? [] : listens.split(",") }));
  const open = new Set(table("reach.tsv").map((row) => row.slice(0, 3).join("\t")));
  return services.flatMap(({ name: from }) =>
    services.flatMap(({ name: to, ports }) =>
      from === to ? [] : ports.map((port) => [from, to, port, open.has(`${from}\t${to}\t${port}`) ? "open" : "closed"] as const),
    ),
  );
}

const LISTENED = [...new Set(wholeMatrix().map(([, , port]) => Number(port)))];

describe("isolation on the running stack", () => {
  it("PROD-9 every cell of the matrix holds on the running stack", async () => {
    const rows = wholeMatrix();
    const containers = await project.containers();
    const details = await project.inspect();
    const addresses = (service: string): [string, string][] => {
      const found = details.find((one) => one.Config.Labels["com.docker.compose.service"] === service);
      return Object.entries(found?.NetworkSettings.Networks ?? {})
        .map(([name, network]: [string, any]): [string, string] => [name, network.IPAddress as string])
        .filter(([, ip]) => ip !== "");
    };
    const runs = (service: string) => details.find((one) => one.Config.Labels["com.docker.compose.service"] === service)?.State.Running === true;
    const networksOf = (service: string): string[] => addresses(service).map(([network]) => network);
    const internal = new Set(
      (
        JSON.parse(
          await must("docker", [
            "network",
            "inspect",
            ...(await must("docker", ["network", "ls", "-q", "--filter", `label=com.docker.compose.project=${project.name}`])).trim().split("\n"),
          ]),
        ) as any[]
      )
        .filter((network) => network.Internal)
        .map((network) => network.Name as string),
    );
    const wrong: string[] = [];
    let cells = 0;
    for (const from of new Set(rows.map((row) => row[0] ?? ""))) {
      if (!runs(from)) continue;
      const near = new Set(networksOf(from));
      // A service with a way out would send a packet for an address of a foreign internal network to the host's own
      // gateway: the host has no route to it (the next test proves that), and what answers out there is not ours.
      const reachable = (service: string) =>
        addresses(service)
          .filter(([network]) => near.has(network) || networksOf(from).every((name) => internal.has(name)))
          .map(([, ip]) => ip);
      const targets = rows
        // A copy that stands by is not there, for names and addresses alike.
        .filter((row) => row[0] === from && runs(row[1] ?? ""))
        .flatMap(([, to, port, expect]) => [to ?? "", ...reachable(to ?? "")].map((host) => ({ to, port: Number(port), host, expect })));
      const out = await must(
        "docker",
        [
          "run",
          "--rm",
          "-i",
          "--network",
          `container:${containers.get(from)}`,
          "--cap-drop",
          "ALL",
          "--read-only",
          "--entrypoint",
          "python",
          "-e",
          "RES_OPTIONS=timeout:1 attempts:1",
          python,
          "-c",
          PROBE,
        ],
        { input: JSON.stringify(targets.map(({ host, port }) => [host, port])) },
      );
      const results = JSON.parse(out) as string[];
      for (const cell of new Set(targets.map(({ to, port }) => `${to}:${port}`))) {
        cells++;
        const tried = targets
          .map((target, index) => ({ ...target, result: results[index] }))
          .filter((target) => `${target.to}:${target.port}` === cell);
        const open = tried.filter((target) => target.result === "open");
        const byName = tried.find((target) => target.host === target.to)?.result === "open";
        if (tried[0]?.expect === "open" && !byName)
          wrong.push(`${from} → ${cell} should be open: ${tried.map((t) => `${t.host} ${t.result}`).join(", ")}`);
        if (tried[0]?.expect === "closed" && open.length > 0)
          wrong.push(`${from} → ${cell} should be closed: open at ${open.map((t) => t.host).join(", ")}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(cells).toBeGreaterThan(20);
  });

  it("PROD-9 ops/isolation says the same, prints the matrix, and ends with 0", async () => {
    const ran = await project.ops("isolation");
    expect(ran.out + ran.err).toContain(project.service("app"));
    expect(ran.code, ran.out + ran.err).toBe(0);
  });

  it("PROD-9 a breach turns ops/isolation red with exit 3", async () => {
    const containers = await project.containers();
    const [frontend, database] = [project.service("frontend"), project.service("database")];
    const network = `${project.name}_${project.networksOf(database)[0]}`;
    await must("docker", ["network", "connect", network, containers.get(frontend) ?? ""]);
    try {
      const ran = await project.ops("isolation");
      expect(ran.code).toBe(3);
      expect(ran.out + ran.err).toMatch(new RegExp(`${frontend}.*${database}`, "s"));
    } finally {
      await must("docker", ["network", "disconnect", network, containers.get(frontend) ?? ""]);
    }
  });

  it("ISO-5 nothing but the edge answers from the host", async () => {
    const details = await project.inspect();
    const edge = project.service("edge");
    const published = details.flatMap((one) =>
      Object.values(one.NetworkSettings.Ports ?? {}).flatMap((list: any) =>
        (list ?? []).map((binding: any) => `${one.Config.Labels["com.docker.compose.service"]}:${binding.HostPort}`),
      ),
    );
    expect([...new Set(published)].toSorted()).toEqual([`${edge}:${stack.ports.http}`, `${edge}:${stack.ports.https}`]);
    for (const one of details) {
      const service = one.Config.Labels["com.docker.compose.service"] as string;
      if (service === edge) continue;
      for (const network of Object.values(one.NetworkSettings.Networks) as any[]) {
        if (network.IPAddress === "") continue;
        for (const port of LISTENED) expect(await opensFromHost(network.IPAddress, port), `${service} ${network.IPAddress}:${port}`).toBe(false);
      }
    }
  });

  it("ISO-5 internal networks have no way out, not even to this host", async () => {
    const host = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address?.family === "IPv4" && !address.internal)
      .map((address) => address?.address ?? "");
    const containers = await project.containers();
    const targets = host.map((address) => [address, stack.ports.https]);
    for (const service of project.withRoles("app", "database", "cache", "worker", "frontend")) {
      const out = await must(
        "docker",
        ["run", "--rm", "-i", "--network", `container:${containers.get(service)}`, "--entrypoint", "python", python, "-c", PROBE],
        { input: JSON.stringify(targets) },
      );
      expect(JSON.parse(out), service).not.toContain("open");
    }
  });

  it("ISO-5 names of the database's networks are unknown elsewhere", async () => {
    const unknown = await run("docker", [
      "run",
      "--rm",
      "--network",
      `container:${await project.container("frontend")}`,
      "--entrypoint",
      "getent",
      imageOf("nginx"),
      "hosts",
      project.service("database"),
    ]);
    expect(unknown.code, "the frontend must not resolve the database").not.toBe(0);
  });
});
