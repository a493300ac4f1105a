import { describe, expect, it } from "vitest";

import { checkCatalog } from "../check/check-catalog.ts";
import { checkPlan } from "../check/check-plan.ts";
import { answersOf, catalogOf, sampleStack } from "../testing/catalog.ts";
import { resolvePlan } from "./resolve-plan.ts";

const common = {
  user: "999:999",
  limits: { cpus: "0.5", memory: "64M", pids: 32, reserveCpus: "0.1", reserveMemory: "32M" },
  health: { test: ["CMD", "true-check"] },
  image: "DB_IMAGE",
};
const store = {
  part: "store",
  summary: "A database.",
  images: { DB_IMAGE: "postgres:17.11" },
  services: {
    db: {
      ...common,
      why: "Keeps the rows.",
      role: "database",
      provides: ["sql"],
      networks: ["data"],
      listens: [{ port: 5432 }],
      secrets: ["db_password", "db_admin"],
      volumes: [{ volume: "rows", target: "/data", why: "The rows." }],
      development: { publish: [{ container: 5432, variable: "DB_DEV_PORT", port: 5432 }] },
    },
  },
  secrets: {
    db_admin: { why: "May change passwords.", rotate: { by: "postgres-role", at: "database", role: "postgres", as: "db_admin" } },
    db_password: { why: "Logs the application in.", rotate: { by: "postgres-role", at: "database", role: "app", as: "db_admin" } },
  },
  volumes: { rows: { why: "The rows of it." }, log: { why: "What was received." } },
  controls: [{ id: "X-1", claim: "it holds", file: "compose.yaml", test: "X-1" }],
  verbs: {
    add: [
      {
        to: "saver",
        secrets: ["db_password"],
        talksTo: [{ to: "sql", env: "DB", why: "Reads every row." }],
        volumes: [
          { volume: "log", target: "/log", why: "What was received." },
          { volume: "room", target: "/room", why: "The saver's own room." },
        ],
        why: "How it is saved comes with it.",
      },
    ],
  },
};
const pool = {
  part: "pool",
  summary: "A pooler.",
  services: {
    pooler: {
      ...common,
      why: "Lends connections.",
      role: "pooler",
      networks: ["pool"],
      listens: [{ port: 6432, bind: "callers" }],
      secrets: ["db_password"],
      talksTo: [{ to: "sql", env: "DB", why: "Keeps connections open." }],
    },
  },
  verbs: { interpose: [{ service: "pooler", before: "sql", callers: ["app"], why: "Few connections for many." }] },
};
const tls = {
  part: "tls",
  summary: "TLS to every database.",
  verbs: { add: [{ to: "sql", servesTls: {}, command: ["-c", "ssl=on"], why: "Nobody reads along." }] },
};

/** Two APIs, each with a store of its own; one service that saves both. */
function stack(): Record<string, unknown> {
  const sample = sampleStack();
  const { proxy, api } = sample["services"] as Record<string, Record<string, unknown>>;
  const of = (name: string) => ({
    ...api,
    role: `${name}-app`,
    provides: ["app", ...(name === "one" ? ["http-api"] : [])],
    networks: [name],
    listens: name === "one" ? [{ port: 8000, bind: "callers" }] : [],
    routes: [],
    secrets: [`${name}_db_password`],
    talksTo: [{ to: `${name}-sql`, env: "DB", why: "Its own rows, and no others." }],
  });
  return {
    ...sample,
    secrets: {},
    volumes: { room: { why: "Room for a rehearsal." } },
    images: { NGINX_IMAGE: "nginx:1.30.4" },
    networks: {
      edge: { tiers: ["edge"], internal: false, why: "Where published ports arrive." },
      ...Object.fromEntries(
        ["one", "two", "one-data", "two-data", "one-pool", "two-pool"].map((name) => [name, { tiers: [name], why: `The tier ${name}.` }]),
      ),
    },
    stands: { store: { as: ["one", "two"] }, pool: { as: ["one", "two"] } },
    services: {
      proxy,
      first: of("one"),
      second: of("two"),
      saver: { ...common, why: "Saves what there is.", role: "saver", image: "NGINX_IMAGE", networks: [] },
    },
  };
}

const resolve = (parts: readonly Record<string, unknown>[]) => {
  const given = stack();
  const names = parts.map((part) => part["part"]);
  const stands = Object.fromEntries(Object.entries(given["stands"] as object).filter(([part]) => names.includes(part)));
  return resolvePlan(catalogOf({ ...given, stands }, parts), answersOf());
};

describe("a part that stands under two names", () => {
  const plan = resolve([store, tls]);
  const of = (name: string) => plan.services.find((service) => service.name === name)!;
  const flows = (from: string, of = plan) => of.flows.flatMap((flow) => (flow.from === from ? [`${flow.to}:${flow.port} ${flow.over.join()}`] : []));

  it("gives a plan without problems, with everything of its own for each", () => {
    expect(checkPlan(plan)).toEqual([]);
    expect(plan.services.map(({ name }) => name)).toEqual(["first", "one-db", "proxy", "saver", "second", "two-db"]);
    expect(plan.volumes.map(({ name }) => name)).toEqual(["log", "one-rows", "room", "two-rows"]);
    expect(plan.secrets.map(({ name, rotate }) => [name, rotate])).toContainEqual([
      "two_db_password",
      { by: "postgres-role", at: "two-db", role: "app", as: "two_db_admin" },
    ]);
    expect(of("two-db").publishes).toMatchObject([{ variable: "TWO_DB_DEV_PORT", port: 5433 }]);
    expect(plan.controls).toHaveLength(1);
  });

  it("keeps each to its own: nobody is on a network of the other", () => {
    expect(flows("first")).toEqual(["one-db:5432 one-data"]);
    expect(flows("second")).toEqual(["two-db:5432 two-data"]);
    expect([of("one-db").networks, of("two-db").networks]).toEqual([["one-data"], ["two-data"]]);
  });

  it("its own services find their secrets under the names that their scripts know, others under the whole name", () => {
    expect(of("two-db").sees).toEqual({ two_db_admin: "db_admin", two_db_password: "db_password" });
    expect([of("second").sees, of("saver").sees]).toEqual([{}, {}]);
    expect(of("saver").secrets).toEqual(["one_db_password", "two_db_password"]);
  });

  it("what it lends to another service is told by name, and what both lend is there once", () => {
    expect(of("saver").environment).toMatchObject({ ONE_DB_HOST: "one-db", TWO_DB_HOST: "two-db", TWO_DB_CA_FILE: "/run/trust/ca.crt" });
    expect(
      of("saver")
        .volumes.filter(({ kind }) => kind === "volume")
        .map(({ source, target }) => `${source} ${target}`),
    ).toEqual(["log /log", "room /room"]);
  });

  it("a part beside it means all of them by the capability", () => {
    expect([of("one-db").servesTls, of("two-db").servesTls]).toEqual([{}, {}]);
    expect(of("two-db").command).toEqual(["-c", "ssl=on"]);
  });

  it("kin belong together: the pooler of one stands before the store of the same name", () => {
    const pooled = resolve([store, pool]);
    expect(checkPlan(pooled)).toEqual([]);
    expect(flows("first", pooled)).toEqual(["one-pooler:6432 one-pool"]);
    expect(flows("two-pooler", pooled)).toEqual(["two-db:5432 two-data"]);
    expect(pooled.services.find(({ name }) => name === "second")?.environment["DB_HOST"]).toBe("two-pooler");
  });

  it("problems name the line of the manifest", () => {
    const catalog = catalogOf(stack(), [store, pool]);
    const lines = { "/services/db": 7, "/services/db/networks": 9, "/secrets/db_password": 20 };
    const placed = { ...catalog, parts: { ...catalog.parts, store: { ...catalog.parts["store"]!, lines } } };
    const resolved = resolvePlan(placed, answersOf());
    expect(resolved.services.find(({ name }) => name === "two-db")?.at).toBe("parts/store/part.yaml:7");
    expect(resolved.secrets.find(({ name }) => name === "one_db_password")?.at).toBe("parts/store/part.yaml:20");
  });
});

describe("stands:", () => {
  const codes = (stands: Record<string, unknown>) => checkCatalog(catalogOf({ ...stack(), stands }, [store, pool])).map(({ code }) => code);
  it("finds a part that is none of the stack, a name twice, an option that nobody asks", () => {
    expect(codes({ stor: { as: ["one"] } })).toEqual(["part-unknown"]);
    expect(codes({ store: { as: ["one", "one"] } })).toEqual(["stands-twice"]);
    expect(codes({ pool: { when: "pooled" } })).toEqual(["option-unknown"]);
  });

  it("a condition of the stack takes the place of the part's own", () => {
    const option = { type: "boolean", ask: "Want it?", help: "It changes something.", default: false };
    const conditional = {
      ...stack(),
      options: { pooled: option },
      stands: { store: { as: ["one", "two"] }, pool: { as: ["one", "two"], when: "pooled" } },
    };
    const names = (pooled: boolean) => resolvePlan(catalogOf(conditional, [store, pool]), answersOf({ pooled })).services.map(({ name }) => name);
    expect(names(true)).toContain("one-pooler");
    expect(names(false)).not.toContain("one-pooler");
  });
});

describe("a network with segments", () => {
  it("is one for each service that is served on it, so that callers of one do not meet those of another", () => {
    const given = stack();
    const networks = {
      edge: { tiers: ["edge"], internal: false, why: "Where published ports arrive." },
      data: { tiers: ["one-data", "two-data"], segments: true, why: "The databases." },
      apps: { tiers: ["one", "two"], segments: true, why: "The applications." },
    };
    const plan = resolvePlan(catalogOf({ ...given, networks, stands: { store: { as: ["one", "two"] } } }, [store]), answersOf());
    expect(checkPlan(plan)).toEqual([]);
    expect(plan.networks.map(({ name, of }) => [name, of])).toEqual([
      ["apps-first", "first"],
      ["apps-second", "second"],
      ["data-one-db", "one-db"],
      ["data-two-db", "two-db"],
      ["edge", undefined],
    ]);
    expect(plan.services.find(({ name }) => name === "second")?.networks).toEqual(["apps-second", "data-two-db"]);
  });
});

describe("copies that are deployed by themselves", () => {
  const verbs = { replicate: [{ role: "one-app", into: ["blue", "green"], unit: "first", why: "Deployed on its own." }] };
  const given = stack();
  const services = given["services"] as Record<string, Record<string, unknown>>;
  const second = { ...services["second"], talksTo: [{ to: "http-api", env: "FIRST", why: "Asks the other one." }] };
  const plan = resolvePlan(
    catalogOf({ ...given, verbs, stands: { store: { as: ["one", "two"] } }, services: { ...services, second } }, [store]),
    answersOf(),
  );
  const of = (name: string) => plan.services.find((service) => service.name === name)!;

  it("have versions of their own, and their callers a file that names the one with the traffic", () => {
    expect([of("first").unit, of("first").version, of("first-green").version]).toEqual([
      "first",
      "${FIRST_BLUE_VERSION:-${APP_VERSION:-dev}}",
      "${FIRST_GREEN_VERSION:-${APP_VERSION:-dev}}",
    ]);
    expect(of("second").environment).toMatchObject({ FIRST_HOST: "first", FIRST_PORT: "8000" });
    expect(of("second").production.environment).toEqual({ FIRST_HOST_FILE: "/run/live/first" });
    expect(of("second").production.volumes).toMatchObject([{ source: "${STATE_DIR:-./state}/live", target: "/run/live", readOnly: true }]);
    expect(of("proxy").production.volumes).toEqual([]);
  });
});
