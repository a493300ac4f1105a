import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { checkPlan } from "../check/check-plan.ts";
import { answersOf, catalogOf, sampleStack } from "../testing/catalog.ts";
import { resolvePlan } from "./resolve-plan.ts";

type Tree = Record<string, any>;
const service = (changes: Tree): Tree => ({
  why: "Something an option adds.",
  user: "1002:1002",
  health: { test: ["CMD", "x"] },
  limits: { cpus: "0.5", memory: "64M", pids: 32, reserveCpus: "0.1", reserveMemory: "32M" },
  ...changes,
});
const option = { type: "boolean", ask: "Want it?", help: "It adds a part.", default: false };

/** One part for each verb, each behind its option. */
const PARTS: readonly Tree[] = [
  {
    part: "pooler",
    summary: "Stands before SQL.",
    when: "pooler",
    options: { pooler: option },
    images: { POOL_IMAGE: "pgbouncer:1.24.0" },
    services: {
      pgbouncer: service({
        role: "pooler",
        image: "POOL_IMAGE",
        networks: ["data"],
        listens: [{ port: 6432 }],
        talksTo: [{ to: "sql", why: "Keeps the real connections." }],
      }),
    },
    reaches: [{ from: "database", to: "pooler", why: "PostgreSQL opens no connections." }],
    verbs: { interpose: [{ service: "pgbouncer", before: "sql", callers: ["app"], environment: { POOLED: "true" }, why: "Bounds connections." }] },
  },
  {
    part: "colours",
    summary: "Two colours.",
    when: "colours",
    options: { colours: option },
    verbs: { replicate: [{ role: "app", into: ["blue", "green"], why: "No downtime." }] },
  },
  {
    part: "watch",
    summary: "Looks at everything.",
    when: "watch",
    options: { watch: option },
    images: { WATCH_IMAGE: "prometheus:3.1.0" },
    services: {
      watcher: service({
        role: "monitor",
        image: "WATCH_IMAGE",
        talksTo: [
          { to: "http-api", why: "Reads metrics." },
          { to: "sql", why: "Asks whether it lives." },
        ],
      }),
    },
  },
  {
    part: "vault",
    summary: "Hands out secrets.",
    when: "vault",
    options: { vault: option },
    images: { VAULT_IMAGE: "vault:1.20.0" },
    services: { vault: service({ role: "vault", image: "VAULT_IMAGE" }) },
    verbs: { provide: [{ secrets: ["db_password"], from: "vault", why: "One place for secrets." }] },
  },
];
const plan = (options: Record<string, boolean>, parts = PARTS) =>
  resolvePlan(catalogOf(sampleStack(), parts), answersOf({ pooler: false, colours: false, watch: false, vault: false, ...options }));

describe("resolvePlan", () => {
  it("derives networks, addresses and start order from flows", () => {
    const api = plan({}).services.find((one) => one.name === "api");
    expect(api?.networks).toEqual(["app", "data"]);
    expect(api?.environment).toMatchObject({ DB_HOST: "db", DB_PORT: "5432", LISTEN_HOST: "api.app" });
    expect(api?.dependsOn).toEqual([{ service: "db", condition: "service_healthy" }]);
  });

  it("interpose: callers reach the new service, it alone reaches the old one", () => {
    const result = plan({ pooler: true });
    expect(result.flows.filter((flow) => flow.to === "db").map((flow) => flow.from)).toEqual(["pgbouncer"]);
    expect(result.services.find((one) => one.name === "api")?.environment).toMatchObject({ DB_HOST: "pgbouncer", DB_PORT: "6432" });
  });

  it("interpose: the callers are told, and nobody who shares their environment", () => {
    const stack = sampleStack() as Tree;
    stack["services"]["jobs"] = service({
      role: "jobs",
      sharesImageOf: "app",
      sharesEnvironmentOf: "app",
      talksTo: [{ to: "sql", why: "Goes directly." }],
    });
    const told = resolvePlan(catalogOf(stack, PARTS), answersOf({ pooler: true, colours: true, watch: false, vault: false }))
      .services.filter((one) => one.environment["POOLED"] === "true")
      .map((one) => one.name);
    expect(told).toEqual(["api", "api-green"]);
  });

  it("replicate: each copy has the flows, and callers have one to each", () => {
    const result = plan({ colours: true });
    expect(result.services.map((one) => one.name)).toEqual(["api", "api-green", "db", "proxy"]);
    expect(result.flows.filter((flow) => flow.from === "proxy").map((flow) => flow.to)).toEqual(["api", "api-green"]);
  });

  it("add: what joins last sees every copy and is not interposed", () => {
    const result = plan({ colours: true, pooler: true, watch: true });
    expect(result.flows.filter((flow) => flow.from === "watcher").map((flow) => flow.to)).toEqual(["api", "api-green", "db"]);
  });

  it("add: what a part needs of others joins every copy, and an added network carries only the flows that name it", () => {
    const gauge = {
      part: "gauge",
      summary: "Asks for figures.",
      services: {
        gauge: service({
          role: "gauge",
          image: "NGINX_IMAGE",
          talksTo: [{ to: "app", port: 9101, over: "data", wait: false, why: "Collects figures." }],
        }),
      },
      secrets: { idle: { when: "!watch", why: "Only without the watcher." }, figures: { why: "Opens the figures." } },
      verbs: {
        add: [
          {
            to: "app",
            networks: ["data"],
            listens: [{ port: 9101, name: "metrics", bind: "callers" }],
            environment: { METRICS_PORT: "9101" },
            secrets: ["figures"],
            rereads: ["figures"],
            why: "Shows figures.",
          },
          { to: "app", when: "!watch", secrets: ["idle"], why: "Only without the watcher." },
          { to: "nobody", secrets: ["figures"], why: "Nothing happens where nobody has the role." },
        ],
      },
    };
    const result = plan({ colours: true, watch: true }, [...PARTS, gauge]);
    for (const name of ["api", "api-green"]) {
      const api = result.services.find((one) => one.name === name);
      expect(api?.environment).toMatchObject({ LISTEN_HOST: `${name}.app`, METRICS_LISTEN_HOST: `${name}.data`, METRICS_PORT: "9101" });
      expect(api?.secrets).toEqual(["db_password", "figures"]);
    }
    expect(result.flows.filter((flow) => flow.from === "proxy").flatMap((flow) => flow.over)).toEqual(["app", "app"]);
    expect(result.secrets.find((one) => one.name === "figures")?.recreate).toEqual([]);
    expect(result.secrets.map((one) => one.name)).not.toContain("idle");
  });

  it("provide: the secret's provider is the service", () => {
    expect(plan({ vault: true }).secrets[0]?.provider).toBe("vault");
    expect(plan({}).secrets[0]?.provider).toBe("file");
  });

  it("provide: without names it is every secret, but for those that the service itself reads", () => {
    const home = structuredClone(PARTS) as Tree[];
    const vault = home.find((part) => part["part"] === "vault")!;
    vault["secrets"] = { way_in: { given: true, why: "Lets this project in." } };
    vault["services"]["vault"] = service({ role: "vault", image: "VAULT_IMAGE", onDemand: true, oneShot: true, secrets: ["way_in"] });
    delete vault["verbs"].provide[0].secrets;
    const result = plan({ vault: true }, home);
    expect(Object.fromEntries(result.secrets.map((one) => [one.name, one.provider]))).toEqual({ db_password: "vault", way_in: "file" });
    expect(result.services.filter((one) => one.onDemand).map((one) => one.name)).toEqual(["vault"]);
    expect(checkPlan(result)).toEqual([]);
  });

  it("collectsLogs: a port on loopback, a flow of the engine over what has a way out, bound there", () => {
    const shipper = service({
      role: "shipper",
      image: "SHIP_IMAGE",
      networks: ["edge"],
      listens: [{ port: 24224, name: "forward", bind: "callers" }],
      collectsLogs: { port: 24224, variable: "SHIP_PORT", why: "The engine hands lines on." },
    });
    const part = { part: "ship", summary: "Sends lines on.", images: { SHIP_IMAGE: "ship:1.0.0" }, services: { shipper } };
    const result = plan({}, [...PARTS, part]);
    const one = result.services.find(({ name }) => name === "shipper");
    expect(one?.publishes).toMatchObject([{ scope: "base", container: 24224, variable: "SHIP_PORT", port: 24224, address: "loopback" }]);
    expect(one?.environment).toMatchObject({ LISTEN_HOST: "shipper.edge" });
    expect(result.flows.filter((flow) => flow.from === "engine")).toMatchObject([{ to: "shipper", port: 24224, over: ["edge"] }]);
    expect(checkPlan(result).filter(({ at, code }) => at.includes("ship") && code !== "reach-unexplained")).toEqual([]);
    const twice = plan({}, [...PARTS, { ...part, services: { shipper, another: shipper } }]);
    expect(checkPlan(twice).map(({ code }) => code)).toContain("logs-two-collectors");
  });

  it("additions: what an option adds joins the service, with the secrets and variables of that option", () => {
    const part = {
      part: "vault-of-rows",
      summary: "Keeps rows.",
      options: { remote: option },
      images: { KEEP_IMAGE: "keep:1.0.0" },
      secrets: { keep_key: { given: true, when: "remote", why: "Comes from a provider." } },
      variables: { KEEP_URL: { value: "", when: "remote", why: "Where it keeps them." } },
      controls: [{ id: "X-1", claim: "kept", file: "x", test: "x", when: "remote" }],
      services: {
        keeper: service({
          role: "keeper",
          image: "KEEP_IMAGE",
          networks: ["data"],
          additions: [
            { when: "!remote", volumes: [{ bind: "./kept", target: "/kept", why: "A folder of the host." }] },
            { when: "remote", networks: ["edge"], secrets: ["keep_key"], environment: { KEEP_URL: "${KEEP_URL:-}" } },
          ],
        }),
      },
    };
    const of = (remote: boolean) => {
      const result = resolvePlan(catalogOf(sampleStack(), [part]), answersOf({ remote }));
      const { networks, secrets, environment, volumes } = result.services.find((one) => one.name === "keeper")!;
      const given = result.secrets.filter((secret) => secret.given).map((secret) => secret.name);
      return [networks, secrets, Object.keys(environment), volumes.length, given, result.variables.length, result.controls.length];
    };
    expect(of(false)).toEqual([["data"], [], [], 1, [], 0, 0]);
    expect(of(true)).toEqual([["data", "edge"], ["keep_key"], ["KEEP_URL"], 0, ["keep_key"], 1, 1]);
  });

  it("all verbs together make a plan without a problem", () => {
    expect(checkPlan(plan({ pooler: true, watch: true, vault: true })).filter((problem) => problem.code !== "reach-unexplained")).toEqual([]);
  });

  it("the order of parts, options and keys is no meaning", () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...PARTS], { minLength: PARTS.length }),
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        (parts, [pooler, colours, watch, vault]) => {
          const options = { pooler: pooler!, colours: colours!, watch: watch!, vault: vault! };
          const shuffled = Object.fromEntries(Object.entries(options).reverse());
          expect(JSON.stringify(plan(shuffled, parts))).toBe(JSON.stringify(plan(options)));
        },
      ),
    );
  });
});
