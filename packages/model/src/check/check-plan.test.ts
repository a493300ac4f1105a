import { describe, expect, it } from "vitest";

import { resolvePlan } from "../resolve/resolve-plan.ts";
import { answersOf, catalogOf, sampleStack } from "../testing/catalog.ts";
import { checkPlan } from "./check-plan.ts";

type Tree = Record<string, any>;

function codesAfter(change: (stack: Tree) => void, name = "shop"): readonly string[] {
  const stack: Tree = structuredClone(sampleStack());
  change(stack);
  return [...new Set(checkPlan(resolvePlan(catalogOf(stack), { ...answersOf(), name })).map((problem) => problem.code))];
}

/** One bad plan for each code: the change, and the code that must come of it. */
const BAD: readonly (readonly [string, (stack: Tree) => void])[] = [
  ["flow-unknown-service", (s) => s.services.api.talksTo.push({ to: "nobody", why: "A flow to nobody." })],
  ["flow-unknown-network", (s) => (s.services.api.talksTo[0].over = "nowhere")],
  ["flow-no-shared-network", (s) => (s.services.db.networks = [])],
  ["flow-port-not-listened", (s) => (s.services.api.talksTo[0].port = 1234)],
  ["reach-unexplained", (s) => (s.services.api.listens[0].bind = "all")],
  ["reach-stale", (s) => (s.reaches = [{ from: "edge", to: "database", why: "There is none any more." }])],
  ["publish-not-edge", (s) => (s.services.db.publish = [{ container: 5432, variable: "P", port: 5432 }])],
  ["publish-not-loopback", (s) => (s.services.db.development = { publish: [{ container: 5432, variable: "P", port: 5432, address: "any" }] })],
  ["publish-not-listened", (s) => (s.services.proxy.publish[0].container = 9)],
  ["publish-ambiguous", (s) => (s.networks.app.internal = false)],
  ["publish-on-internal", (s) => (s.networks.edge.internal = true)],
  [
    "port-duplicate",
    (s) =>
      (s.services.db.development = {
        publish: [
          { container: 5432, variable: "P", port: 5432 },
          { container: 5432, variable: "Q", port: 5432 },
        ],
      }),
  ],
  ["secret-no-provider", (s) => s.services.api.secrets.push("unknown_secret")],
  ["secret-no-consumer", (s) => (s.secrets.idle = { why: "Nobody reads it." })],
  ["rotate-unknown", (s) => (s.secrets.db_password.rotate = { by: "redis-acl", at: "nowhere" })],
  ["rotate-unknown", (s) => (s.secrets.db_password.rotate = { by: "postgres-role", at: "sql", role: "app", as: "nobody" })],
  ["secret-owners", (s) => (s.secrets.db_password.ownerOnly = ((s.services.db.user = "999:999"), true))],
  ["rotate-unknown", (s) => (s.secrets.db_password.rotate = { by: "keyfile", at: "nowhere" })],
  ["secret-in-environment", (s) => (s.services.api.environment = { DB_PASSWORD: "hunter2" })],
  ["health-missing", (s) => delete s.services.db.health],
  ["limits-missing", (s) => delete s.services.db.limits],
  ["user-missing", (s) => delete s.services.db.user],
  ["user-root", (s) => (s.services.db.user = "0:0")],
  ["image-latest", (s) => (s.images.DB_IMAGE = "postgres:latest")],
  ["image-untagged", (s) => (s.images.DB_IMAGE = "postgres")],
  ["image-unknown", (s) => (s.services.db.image = "OTHER_IMAGE")],
  ["volume-unknown", (s) => (s.services.db.volumes[0].volume = "elsewhere")],
  ["network-unknown", (s) => s.services.api.networks.push("nowhere")],
  ["tier-unknown", (s) => (s.services.api.routes[0].tier = "warp")],
  ["subnet-invalid", (s) => (s.networks.app.subnet = "172.20.0.1/24")],
  [
    "subnet-overlap",
    (s) => Object.assign(s.networks, { app: { ...s.networks.app, subnet: "172.20.0.0/16" }, data: { ...s.networks.data, subnet: "172.20.1.0/24" } }),
  ],
  ["name-invalid", (s) => (s.volumes.x = { why: "One letter is a Windows drive." })],
  [
    "logs-two-collectors",
    (s) => {
      for (const name of ["one", "two"])
        s.services[name] = {
          ...s.services.db,
          role: name,
          provides: [],
          collectsLogs: { port: 5432, variable: "P", why: "Takes lines from the engine." },
        };
    },
  ],
  ["depends-cycle", (s) => (s.services.db.talksTo = [{ to: "http-api", why: "A circle of waiting." }])],
];

describe("checkPlan", () => {
  it("finds nothing in the sample", () => {
    expect(codesAfter(() => {})).toEqual([]);
  });

  it.each(BAD)("%s is found", (code, change) => {
    expect(codesAfter(change)).toContain(code);
  });

  it("finds two services of one name", () => {
    const catalog = catalogOf(sampleStack(), [
      { part: "twin", summary: "Brings api again.", services: { api: sampleStack()["services"] && (sampleStack()["services"] as Tree)["api"] } },
    ]);
    expect(checkPlan(resolvePlan(catalog, answersOf())).map((problem) => problem.code)).toContain("service-duplicate");
  });

  it("an explained reach is no problem", () => {
    expect(
      codesAfter((s) => {
        s.services.api.listens[0].bind = "all";
        s.reaches = [{ from: "database", to: "app", why: "PostgreSQL opens no connections." }];
      }),
    ).toEqual([]);
  });

  it("every problem names a place and a next step", () => {
    for (const [, change] of BAD) {
      const stack: Tree = structuredClone(sampleStack());
      change(stack);
      for (const problem of checkPlan(resolvePlan(catalogOf(stack), answersOf()))) {
        expect(problem.at).not.toBe("");
        expect(problem.hint.length).toBeGreaterThan(5);
      }
    }
  });
});
