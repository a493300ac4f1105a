import { z } from "zod";

import { duration, port, size, text, when, why } from "./words.ts";

export const listenSchema = z.strictObject({
  port,
  name: text.default("tcp"),
  bind: z
    .enum(["callers", "all"])
    .default("all")
    .describe("callers: listen only on the networks that carry a flow to this port (env LISTEN_HOST names the address)."),
});

const publishSchema = z.strictObject({
  container: port,
  variable: text.describe("The environment variable that changes the host's port."),
  port: port.describe("The host's port unless the variable says otherwise."),
  address: z.enum(["loopback", "any"]).default("loopback"),
  scheme: z.enum(["http", "https", "tcp"]).default("tcp"),
});

export const mountSchema = z.union([
  z.strictObject({ volume: text, target: text, readOnly: z.boolean().default(false), why }),
  z.strictObject({ bind: text, target: text, readOnly: z.boolean().default(true), why }),
]);

const healthSchema = z.strictObject({
  test: z.array(text).min(2),
  timeout: duration.default("5s"),
  retries: z.int().default(3),
  startPeriod: duration.default("30s"),
});

const limitsSchema = z.strictObject({
  cpus: z.string().regex(/^\d+(\.\d+)?$/),
  memory: size,
  pids: z.int().min(8),
  reserveCpus: z.string().regex(/^\d+(\.\d+)?$/),
  reserveMemory: size,
});

const overlaySchema = z.strictObject({
  target: text.optional().describe("Another stage of the Dockerfile."),
  user: text.optional(),
  command: z.array(text).optional(),
  environment: z.record(text, z.string()).default({}),
  publish: z.array(publishSchema).default([]),
  volumes: z.array(mountSchema).default([]),
  health: healthSchema.optional(),
  limits: limitsSchema.optional(),
});

export const flowSchema = z.strictObject({
  to: text.describe("A role or a capability (`sql`, `broker`, `app`), never a service's name of another part."),
  port: port.optional().describe("One of the ports the target listens on; may be left out when it has just one."),
  over: text.optional().describe("The tier that carries it, when the target is on several."),
  env: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/)
    .optional()
    .describe("Prefix: the plan sets PREFIX_HOST and PREFIX_PORT."),
  wait: z.boolean().default(true).describe("Start only when the target is healthy."),
  why,
});

export const servesTlsSchema = z
  .strictObject({
    reload: text.optional().describe("For sh in its container, when the certificate was renewed; without it, the container is started again."),
  })
  .describe(
    "It answers with a certificate of the project's own CA: /run/tls holds server.crt, server.key and ca.crt. Who calls it gets the CA at /run/trust, and PREFIX_CA_FILE.",
  );

/** What an option adds to a service: lists join its lists, variables its variables. It takes nothing away. */
const additionSchema = z.strictObject({
  when,
  environment: z.record(text, z.string()).default({}),
  command: z.array(text).default([]).describe("Words at the end of its command."),
  networks: z.array(text).default([]),
  secrets: z.array(text).default([]),
  rereads: z.array(text).default([]),
  volumes: z.array(mountSchema).default([]),
});

export const serviceSchema = z
  .strictObject({
    why,
    role: text.describe("What it is to others: edge, app, worker, database."),
    provides: z.array(text).default([]).describe("Capabilities others may ask for: sql, broker."),
    when: when.optional(),
    image: text.optional().describe("A variable of `images:` (POSTGRES_IMAGE)."),
    build: z
      .strictObject({
        context: text,
        dockerfile: text.optional().describe("Below the context, when it is not its Dockerfile: a context that several services share."),
        target: text,
        images: z.array(text).default([]),
      })
      .optional()
      .describe("Built from a folder of the project."),
    sharesImageOf: text.optional().describe("The role whose image it runs."),
    user: z.string().optional().describe("Numeric uid:gid, never 0."),
    oneShot: z.boolean().default(false),
    onDemand: z
      .boolean()
      .default(false)
      .describe("Not started with the project: a script runs it once, with `docker compose run`, when it needs it."),
    init: z.boolean().default(false),
    entrypoint: z.array(text).optional(),
    command: z.array(text).optional(),
    environment: z.record(text, z.string()).default({}),
    sharesEnvironmentOf: text.optional().describe("The role whose environment it starts from."),
    networks: z.array(text).default([]).describe("Tiers it is served on. Tiers it calls are added from its flows."),
    listens: z.array(listenSchema).default([]),
    servesTls: servesTlsSchema.optional(),
    publish: z.array(publishSchema).default([]),
    collectsLogs: z
      .strictObject({ port: port.describe("One of its `listens`; also the host's port unless the variable says otherwise."), variable: text, why })
      .optional()
      .describe(
        "The engine sends it every line that another service writes (its fluentd driver), by a port on 127.0.0.1; `docker logs` works as before.",
      ),
    routes: z
      .array(
        z.strictObject({
          path: text,
          match: z.enum(["prefix", "exact"]).default("prefix"),
          tier: text,
          compress: z
            .boolean()
            .default(false)
            .describe(
              "For files that hold no secret: a compressed answer that holds one, beside what a client sent, tells it by its length (BREACH).",
            ),
          ownPolicy: z
            .boolean()
            .default(false)
            .describe("The service sends a content policy of its own, and the edge passes it on in place of the site's."),
          uploads: size
            .optional()
            .describe("A body may be so large (1100M), and goes to the service as it comes: the edge keeps nothing of it. Without it, 1 MiB."),
          when: when.optional(),
          why,
        }),
      )
      .default([])
      .describe("Paths the edge hands to this service."),
    smoke: z
      .array(z.strictObject({ path: text, contains: text.optional().describe("Part of the body."), why }))
      .default([])
      .describe("Requests that a version must answer with 200 before it gets the traffic."),
    talksTo: z.array(flowSchema).default([]),
    after: z.array(z.strictObject({ service: text, condition: z.enum(["healthy", "completed", "started"]) })).default([]),
    secrets: z.array(text).default([]),
    rereads: z
      .array(text)
      .default([])
      .describe("Those of its secrets whose file it reads again by itself (or never after its first start); for all others a rotation recreates it."),
    volumes: z.array(mountSchema).default([]),
    tmpfs: z.array(z.strictObject({ target: text, size, mode: z.string().regex(/^[0-7]{4}$/), owner: text.optional() })).default([]),
    health: healthSchema.optional(),
    limits: limitsSchema.optional(),
    stopGracePeriod: duration.optional(),
    shmSize: size.optional(),
    development: overlaySchema.optional(),
    production: overlaySchema.optional(),
    additions: z.array(additionSchema).default([]).describe("What else it has when an option holds; what only one choice needs stands here alone."),
    exceptions: z
      .array(z.strictObject({ control: z.enum(["read-only", "capability"]), value: text, why }))
      .default([])
      .describe("Hardening this service cannot take, each with its reason. Printed in docs/security/exceptions.md."),
    notes: z.record(text, text).default({}).describe("Why-comments for keys of this service in compose.yaml."),
  })
  .describe("A service, in Compose's own words where Compose has one.");

export type ServiceManifest = z.output<typeof serviceSchema>;
export type OverlayManifest = z.output<typeof overlaySchema>;
export type MountManifest = z.output<typeof mountSchema>;
