import { createHash } from "node:crypto";
import { it } from "vitest";
import { checkPlan, parseAnswers, resolvePlan } from "@breakwater/model";
import { loadCatalog } from "./node/index.ts";
it("x", () => {
  const catalog = loadCatalog("templates");
  for (const on of [false, true]) {
    const parsed = parseAnswers(catalog, { name: "shop", stack: "ecommerce-microservices", options: on ? { aiServices: true, internalTls: true, paymentProvider: "stripe", monitoring: true, pgbouncer: true, secretsProvider: "vault", logShipping: "http", pitr: true, backupTarget: "s3" } : {} });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const plan = resolvePlan(catalog, parsed.answers);
    console.log(plan.services.map((s) => `${s.name} [${s.networks}] ${s.user}`).join("\n"));
    console.log(JSON.stringify(checkPlan(plan).map(({at,message,code})=>`${code} ${at} ${message}`), null, 1));
    void createHash;
  }
});
