import type { Application } from "./apps/application.ts";
import { djangoPostgres } from "./apps/django-postgres.ts";
import { ecommerceMicroservices } from "./apps/ecommerce-microservices.ts";
import { fastapiArqMinio } from "./apps/fastapi-arq-minio.ts";
import { nodeMongo } from "./apps/node-mongo.ts";

/**
 * What the conformance suite must know of a stack that its plan does not say: where its instance listens
 * in the lab, and which of its services play which part in a test.
 */
export interface StackUnderTest {
  readonly id: string;
  readonly application: Application;
  readonly instance: string;
  readonly ports: { readonly http: number; readonly https: number };
  readonly secondPorts: { readonly http: number; readonly https: number };
  /** Of an edge that stands alone. */
  readonly edgePorts: { readonly http: number; readonly https: number };
}

/** E2E_LANE=1…9: names and ports of their own, so that several working copies can use one engine at a time. */
const lane = Number(process.env["E2E_LANE"] ?? "0");
const suffix = lane === 0 ? "" : `-${lane}`;

/** One stack at a time is on an engine, so they share their ports. */
const PORTS = {
  ports: { http: 29080 + lane * 10, https: 29443 + lane * 10 },
  secondPorts: { http: 29081 + lane * 10, https: 29444 + lane * 10 },
  edgePorts: { http: 29083 + lane * 10, https: 29446 + lane * 10 },
} as const;

const STACKS: Readonly<Record<string, StackUnderTest>> = {
  "ecommerce-microservices": { id: "ecommerce-microservices", application: ecommerceMicroservices, instance: `bwe2e-shop${suffix}`, ...PORTS },
  "django-postgres": { id: "django-postgres", application: djangoPostgres, instance: `bwe2e-django${suffix}`, ...PORTS },
  "fastapi-arq-minio": { id: "fastapi-arq-minio", application: fastapiArqMinio, instance: `bwe2e-fastapi${suffix}`, ...PORTS },
  "node-mongo": { id: "node-mongo", application: nodeMongo, instance: `bwe2e-mongo${suffix}`, ...PORTS },
};

/** The stack named by STACK (`pnpm test:e2e --stack ID`); the first one when nothing is said. */
export function stackUnderTest(): StackUnderTest {
  const id = process.env["STACK"] ?? "django-postgres";
  const stack = STACKS[id];
  if (stack === undefined) throw new Error(`no such stack in the boot suite: ${id}. One of: ${Object.keys(STACKS).join(", ")}`);
  return stack;
}
