import { describe, expect, it } from "vitest";

import { checkPlan } from "../check/check-plan.ts";
import { answersOf, catalogOf, sampleStack } from "../testing/catalog.ts";
import { resolvePlan } from "./resolve-plan.ts";

const option = { type: "boolean", ask: "Want it?", help: "It changes something.", default: false };
const plan = (stack: Record<string, unknown>, parts: readonly Record<string, unknown>[], options: Record<string, boolean> = {}) =>
  resolvePlan(catalogOf(stack, parts), answersOf(options));

describe("certificates between services", () => {
  const part = {
    part: "inside",
    summary: "TLS to the database.",
    verbs: { add: [{ to: "sql", servesTls: { reload: "kill -HUP 1" }, command: ["-c", "ssl=on"], why: "Nobody reads along." }] },
  };
  const { services } = plan(sampleStack(), [part]);
  const of = (name: string) => services.find((service) => service.name === name)!;

  it("who serves has certificate and key, who calls has the CA alone, and others have neither", () => {
    const mounts = (name: string) => of(name).volumes.flatMap(({ kind, source, target }) => (kind === "bind" ? [`${source} ${target}`] : []));
    expect(mounts("db")).toEqual(["${TLS_DIR:-./tls}/db /run/tls"]);
    expect(mounts("api")).toEqual(["${TLS_DIR:-./tls}/trust /run/trust"]);
    expect(mounts("proxy")).toEqual([]);
  });

  it("a caller is told the CA beside host and port, and the server's command has words more", () => {
    expect(of("api").environment).toMatchObject({ DB_HOST: "db", DB_CA_FILE: "/run/trust/ca.crt" });
    expect(of("db").command).toEqual(["-c", "ssl=on"]);
    expect(of("db").servesTls).toEqual({ reload: "kill -HUP 1" });
    expect(
      plan(sampleStack(), []).services.every((service) => service.servesTls === undefined && service.volumes.every(({ kind }) => kind === "volume")),
    ).toBe(true);
  });
});

describe("several cuts of the same tiers", () => {
  const wide = (): Record<string, unknown> => {
    const stack = sampleStack();
    return {
      ...stack,
      options: { strict: option },
      networks: {
        edge: { tiers: ["edge"], internal: false, why: "Where published ports arrive." },
        all: { tiers: ["app", "data"], when: "!strict", subnet: "172.21.0.0/24", why: "Everybody behind the edge." },
        app: { tiers: ["app"], when: "strict", why: "The edge and the API." },
        data: { tiers: ["data"], when: "strict", why: "The API and its database." },
      },
      reaches: [
        { from: "edge", to: "database", when: "!strict", why: "The table of networks has it so." },
        { from: "database", to: "app", when: "!strict", why: "The table of networks has it so." },
      ],
    };
  };

  it("an option decides which networks are there, and a reason goes with what it explains", () => {
    const loose = plan(wide(), [], { strict: false });
    expect(loose.networks.map(({ name, subnet }) => [name, subnet])).toEqual([
      ["all", "172.21.0.0/24"],
      ["edge", undefined],
    ]);
    expect(loose.reaches.map(({ from, to }) => `${from} ${to}`)).toEqual(["db api", "proxy db"]);
    expect(checkPlan(loose)).toEqual([]);
    const strict = plan(wide(), [], { strict: true });
    expect(strict.networks.map(({ name }) => name)).toEqual(["app", "data", "edge"]);
    expect(strict.reaches).toEqual([]);
    expect(checkPlan(strict)).toEqual([]);
  });

  it("without the reasons the wide cut does not pass", () => {
    expect(checkPlan(plan({ ...wide(), reaches: [] }, [], { strict: false })).map(({ code }) => code)).toEqual([
      "reach-unexplained",
      "reach-unexplained",
    ]);
  });
});
