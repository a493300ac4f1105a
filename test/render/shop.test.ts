import { join } from "node:path";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { diagramText } from "@breakwater/engine";
import { loadCatalog } from "@breakwater/engine/node";
import { openCells, parseAnswers, resolvePlan, type StackPlan } from "@breakwater/model";

const TEMPLATES = join(import.meta.dirname, "../../templates");
const catalog = loadCatalog(TEMPLATES);

function planOf(options: Record<string, string | boolean>): StackPlan {
  const parsed = parseAnswers(catalog, { name: "my-shop", stack: "ecommerce-microservices", options });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return resolvePlan(catalog, parsed.answers);
}

/** The twelve services of document 002 and everything beside them; the few others keep their first value. */
const EVERYTHING = {
  aiServices: true,
  backupTarget: "s3",
  internalTls: true,
  logShipping: "loki",
  monitoring: true,
  paymentProvider: "stripe",
  pgbouncer: true,
  pitr: true,
  secretsProvider: "vault",
};
const PLANS = [
  ["by default", planOf({})],
  ["with every option", planOf(EVERYTHING)],
  ["with AI and pooling", planOf({ aiServices: true, pgbouncer: true })],
  ["with monitoring and Stripe", planOf({ monitoring: true, paymentProvider: "stripe" })],
] as const;

/** The table of docs/architecture/matrix.md: who, whom, and whether. */
function documented(): readonly (readonly [string, string, boolean])[] {
  const page = readFileSync(join(TEMPLATES, "ecommerce-microservices/files/docs/architecture/matrix.md"), "utf8");
  const lines = page.split("\n").filter((line) => line.startsWith("| ") && /[✅❌]/u.test(line));
  const columns = (page.split("\n").find((line) => line.startsWith("| From")) ?? "").split("|").slice(2, -1).map(named);
  return lines.flatMap((line) => {
    const [from = "", ...cells] = line.split("|").slice(1, -1);
    return cells.flatMap((cell, index) => (cell.trim() === "-" ? [] : [[named(from), columns[index] ?? "", cell.includes("✅")] as const]));
  });
}

/** `**Product API**` → `product-api`. */
function named(word: string): string {
  return word.replaceAll("*", "").trim().toLowerCase().replaceAll(" ", "-");
}

describe.each(PLANS)("SHOP-2 the shop %s", (_, plan) => {
  const copiesOf = (name: string) => plan.services.filter((service) => service.name === name || service.copy?.of === name).map((one) => one.name);

  it.each(documented().filter(([from]) => from !== "internet"))("%s → %s is %s in the document, and in the plan", (from, to, open) => {
    const cells = openCells(plan).filter((cell) => copiesOf(from).includes(cell.from) && copiesOf(to).includes(cell.to));
    const pooler = `${to.replace(/-db$/, "")}-pgbouncer`;
    // With a pooler the way to a database leads through it; the database itself is then closed to the API.
    const pooled = to.endsWith("-db") && open && plan.services.some(({ name }) => name === pooler);
    const reached = pooled ? openCells(plan).filter((cell) => copiesOf(from).includes(cell.from) && cell.to === pooler) : cells;
    expect(pooled ? cells : []).toEqual([]);
    expect(reached.length > 0).toBe(open);
    if (!open) {
      const networks = (name: string) => plan.services.find((service) => service.name === name)?.networks ?? [];
      for (const one of copiesOf(from))
        for (const other of copiesOf(to)) expect(networks(one).filter((name) => networks(other).includes(name))).toEqual([]);
    }
  });

  it("the internet reaches the edge alone", () => {
    expect([...new Set(plan.flows.flatMap(({ from, to }) => (from === "internet" ? [to] : [])))]).toEqual(["proxy"]);
  });

  it("segments lie in the documented subnet of their network", () => {
    const subnets = { frontend: "172.20.0.", backend: "172.21.0.", database: "172.22.0.", payment: "172.23.0." };
    for (const { name, subnet } of plan.networks) {
      const tier = Object.entries(subnets).find(([word]) => name === word || name.startsWith(`${word}-`));
      if (tier === undefined) expect(subnet, name).toBeUndefined();
      else expect(subnet, name).toMatch(new RegExp(`^${tier[1].replaceAll(".", "\\.")}`));
    }
  });

  it("SHOP-4 this stack's own services run as 1001", () => {
    for (const service of plan.services.filter(({ part }) => part === "ecommerce-microservices" || part === "parts/vite-frontend"))
      expect(service.user, service.name).toBe("1001:1001");
  });

  it("SHOP-5 a pair's key is in its two services, and nowhere else", () => {
    const words = (name: string) => name.replaceAll("-", "_");
    for (const { name, consumers } of plan.secrets.filter(({ name }) => name.startsWith("pair_"))) {
      const bases = [...new Set(consumers.map((consumer) => plan.services.find((one) => one.name === consumer)?.copy?.of ?? consumer))];
      expect([`pair_${bases.map(words).join("_")}`, `pair_${bases.map(words).toReversed().join("_")}`]).toContain(name);
    }
  });

  it("SHOP-3 payment-api's way out is the proxy alone, and only with a provider outside", () => {
    const outside = plan.flows.filter(({ from }) => from.startsWith("payment-api")).map(({ to }) => to);
    const real = plan.options["paymentProvider"] === "stripe";
    expect([...new Set(outside)].toSorted()).toEqual(real ? ["egress-proxy", "order-api", "order-api-green"] : ["order-api", "order-api-green"]);
  });

  it("PROD-4 every service that runs has a health check", () => {
    expect(plan.services.filter((service) => !service.oneShot && service.health === undefined)).toEqual([]);
  });
});

it("PROD-13 with every option the twelve services of document 002 are there, and more", () => {
  const names = PLANS[1][1].services.filter(({ copy }) => copy?.standby !== true).map(({ name }) => name);
  const twelve = [
    "ai-gateway",
    "api-gateway",
    "backup",
    "frontend",
    "order-api",
    "order-db",
    "payment-api",
    "product-api",
    "product-db",
    "proxy",
    "recommendation",
    "search",
  ];
  expect(names).toEqual(expect.arrayContaining(twelve));
});

describe("the plan, as the creator shows it before it writes", () => {
  it("is a tree of what runs: each service opened once, no copy that waits for a deploy", () => {
    const shown = diagramText(planOf({}));
    expect(shown).not.toContain("-green");
    expect(shown).toMatch(/^internet\n {3}└─ proxy:8080 .*\n {6}├─ api-gateway:8080 .*\n {6}│ {2}├─ order-api:8002 /);
    expect(shown.split("\n").filter((line) => line.includes("─ order-db:5432"))).toHaveLength(3);
    expect(shown.split("\n").filter((line) => line.includes("─ payment-api:8003"))).toHaveLength(1);
    expect(shown).toMatch(/^backup\n {3}├─ order-db:5432 /m);
  });
});
