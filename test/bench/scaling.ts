import { createHash } from "node:crypto";
import { generateProject } from "@breakwater/engine";
import type { Catalog } from "@breakwater/model";
import { answersOf, catalogOf, sampleStack } from "@breakwater/model/testing";

/**
 * Resolving, checking and spelling a synthetic stack of n services in one warm process: an edge, n - 2 APIs each on a
 * network of its own, each with a flow from the edge and one to the next API. Prints milliseconds, median of `runs`.
 */
function stackOf(n: number): Catalog {
  const sample = sampleStack() as { networks: Record<string, object>; services: Record<string, Record<string, unknown>> };
  const { proxy, api, db } = sample.services;
  const { edge, data } = sample.networks as { readonly edge: object; readonly data: object };
  const apis = Array.from({ length: n - 2 }, (_, i) => [
    `api${i}`,
    {
      ...api,
      role: `app${i}`,
      provides: [`http-api${i}`],
      networks: [`app${i}`],
      routes: [{ path: `/api/${i}/`, tier: "api", why: "The API's paths." }],
      talksTo: [i + 1 < n - 2 ? { to: `http-api${i + 1}`, env: "NEXT", why: "Asks the next one." } : { to: "sql", env: "DB", why: "Reads rows." }],
    },
  ]);
  const networks = Object.fromEntries(apis.map((_, i) => [`app${i}`, { tiers: [`app${i}`], why: "The callers of one API." }]));
  return catalogOf({
    ...sample,
    networks: { edge, data, ...networks },
    services: {
      proxy: { ...proxy, talksTo: apis.map((_, i) => ({ to: `http-api${i}`, why: "Hands requests on." })) },
      db,
      ...Object.fromEntries(apis),
    },
  });
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const platform = { sha256, renderer: () => () => "" };
const runs = 5;
const rows = [10, 100, 300, 1000].map((n) => {
  const catalog = stackOf(n);
  const times = Array.from({ length: runs + 1 }, () => {
    const start = process.hrtime.bigint();
    generateProject(catalog, answersOf(), platform);
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
  return { n, ms: times.slice(1).toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? 0 };
});
console.log(JSON.stringify(rows));
