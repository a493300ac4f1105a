import type { Catalog } from "../catalog.ts";
import type { Answers } from "../answers.ts";
import { type PartManifest, partSchema, type StackManifest, stackSchema } from "../schema/index.ts";

/** A small valid stack for tests: edge → api → db, with one secret. Change a copy to seed a defect. */
export function sampleStack(): Record<string, unknown> {
  const common = {
    user: "1001:1001",
    limits: { cpus: "0.5", memory: "64M", pids: 32, reserveCpus: "0.1", reserveMemory: "32M" },
    health: { test: ["CMD", "true-check"] },
  };
  return {
    stack: "sample",
    title: "Sample",
    version: "1.0.0",
    summary: "A sample stack.",
    networks: {
      edge: { tiers: ["edge"], internal: false, why: "Where published ports arrive." },
      app: { tiers: ["app"], why: "The edge and the API." },
      data: { tiers: ["data"], why: "The API and its database." },
    },
    images: { NGINX_IMAGE: "nginx:1.30.4", DB_IMAGE: "postgres:17.11" },
    tiers: { api: { perMinute: 100, burst: 10, why: "Calls of the API." } },
    secrets: { db_password: { why: "The API logs in with it." } },
    volumes: { pgdata: { why: "The rows." } },
    flows: [{ from: "internet", to: "edge", port: 8443, why: "Everybody comes in here." }],
    services: {
      proxy: {
        ...common,
        why: "The one way in.",
        role: "edge",
        image: "NGINX_IMAGE",
        networks: ["edge"],
        listens: [{ port: 8443, bind: "callers" }],
        talksTo: [{ to: "http-api", why: "Hands requests on." }],
        publish: [{ container: 8443, variable: "EDGE_PORT", port: 8443 }],
      },
      api: {
        ...common,
        why: "The application.",
        role: "app",
        provides: ["http-api"],
        build: { context: "services/api", target: "runtime", images: [] },
        networks: ["app"],
        listens: [{ port: 8000, bind: "callers" }],
        secrets: ["db_password"],
        routes: [{ path: "/api/", tier: "api", why: "The API's paths." }],
        talksTo: [{ to: "sql", env: "DB", why: "Reads and writes rows." }],
      },
      db: {
        ...common,
        why: "Keeps the rows.",
        role: "database",
        provides: ["sql"],
        image: "DB_IMAGE",
        networks: ["data"],
        listens: [{ port: 5432 }],
        secrets: ["db_password"],
        volumes: [{ volume: "pgdata", target: "/data", why: "The rows." }],
      },
    },
  };
}

/** Catalog of one stack and the given parts; manifests are validated, and every line is 1. */
export function catalogOf(stack: Record<string, unknown>, parts: readonly Record<string, unknown>[] = []): Catalog {
  const manifest: StackManifest = stackSchema.parse({ ...stack, parts: parts.map((part) => part["part"]) });
  const parsed = parts.map((part): PartManifest => partSchema.parse(part));
  return {
    stacks: { [manifest.stack]: { manifest, path: `${manifest.stack}/stack.yaml`, lines: {}, files: [] } },
    parts: Object.fromEntries(parsed.map((part) => [part.part, { manifest: part, path: `parts/${part.part}/part.yaml`, lines: {}, files: [] }])),
  };
}

export function answersOf(options: Answers["options"] = {}): Answers {
  return { name: "shop", stack: "sample", options };
}
