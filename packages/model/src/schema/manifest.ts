import { z } from "zod";

import { flowSchema, listenSchema, mountSchema, serviceSchema, servesTlsSchema } from "./service.ts";
import { DNS_LABEL, INCLUDED_FILE, OPTION_KEY } from "../patterns.ts";
import { port, size, text, when, why } from "./words.ts";

const optionBase = {
  ask: text.describe("The question, as a person reads it."),
  help: text.describe("One sentence of help."),
  askedWhen: when
    .optional()
    .describe("Asked only when this holds; otherwise its default is taken. Questions come by key: the other option's key sorts before."),
};

export const optionSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("boolean"), ...optionBase, default: z.boolean() }),
  z.strictObject({
    type: z.literal("choice"),
    ...optionBase,
    default: text,
    choices: z.array(z.strictObject({ value: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/), help: text })).min(2),
  }),
  z.strictObject({ type: z.literal("text"), ...optionBase, default: z.string(), pattern: text, maxLength: z.int().max(253).default(253) }),
]);

const networkSchema = z.strictObject({
  tiers: z.array(text).min(1),
  internal: z.boolean().default(true),
  subnet: z.string().optional().describe("CIDR, overridden by SUBNET_<NAME> in .env; left out, the engine allots one, and instances cannot collide."),
  when: when.optional().describe("One of several ways to cut the same tiers: those whose condition does not hold are not there."),
  segments: z
    .boolean()
    .default(false)
    .describe("One network for each service that is served on it, `<network>-<service>`: callers of one do not meet those of another."),
  why,
});

const standsSchema = z
  .strictObject({
    when: when.optional().describe("When the part is there, in place of its own condition."),
    as: z
      .array(z.string().regex(/^[a-z][a-z0-9]*$/))
      .min(1)
      .optional()
      .describe("It stands several times, under these names: each has services, volumes, tiers and secrets of its own (`product-db`)."),
  })
  .describe("How a part stands in this stack.");

const rotateSchema = z
  .discriminatedUnion("by", [
    z.strictObject({
      by: z.literal("postgres-role"),
      at: text.describe("The role or capability of the service that holds the value."),
      role: text.describe("Whose password it is."),
      as: text.describe("The secret of the role that may change it; its own name when it changes itself."),
    }),
    z.strictObject({
      by: z.literal("redis-acl"),
      at: text.describe("The role or capability of the service that loads the ACL."),
      user: z
        .string()
        .regex(/^[a-z][a-z0-9_-]*$/)
        .default("app")
        .describe("Whose password it is."),
      may: z
        .string()
        .regex(/^[^\t\r\n#><]+$/)
        .optional()
        .describe("What a user other than app may do, in Redis' own words (`resetkeys -@all +info`)."),
    }),
    z.strictObject({
      by: z.literal("keyfile"),
      at: text.describe("The role or capability of the members that know each other by it; each is made again, twice."),
    }),
    z.strictObject({
      by: z.literal("login"),
      at: text.describe(
        "The role or capability of a service whose image has /opt/login: `login try USER`, `login set USER`, the value on standard input; `login force USER` where it has a way in without a password.",
      ),
      user: z.string().regex(/^[a-z][a-z0-9_-]*$/),
    }),
    z.strictObject({ by: z.literal("repository-key"), at: text.describe("The role or capability of the service that opens the repository.") }),
    z.strictObject({
      by: z.literal("file"),
      keepDays: z
        .int()
        .min(1)
        .optional()
        .describe("What the old value signed stays good for so long; readers take every line after the first as such."),
    }),
  ])
  .describe("Where the value lives besides the file, so that `ops/secrets rotate` changes it there too.");

const secretSchema = z.strictObject({
  bytes: z.int().min(16).max(768).default(32).describe("Random bytes; written as twice as many hex digits, or by `format`."),
  format: z.enum(["hex", "base64"]).default("hex").describe("base64: for a server that takes its key in no other form; on one line."),
  target: z
    .string()
    .regex(/^\/[A-Za-z0-9._/-]+$/)
    .optional()
    .describe("Where its consumers see it, when that is not /run/secrets and its name."),
  ownerOnly: z
    .boolean()
    .default(false)
    .describe("Mode 0400 and the uid of its consumers, where ops/secrets may set that (root); elsewhere the closed folder guards it, as all others."),
  derive: z.strictObject({ by: z.enum(["redis-acl"]), from: text }).optional(),
  given: z.boolean().default(false).describe("Comes from somebody else (a provider's key): `ops/secrets set` takes it, nothing is generated."),
  rotate: rotateSchema.default({ by: "file" }),
  when: when.optional(),
  why,
});

const verbsSchema = z.strictObject({
  add: z
    .array(
      z.strictObject({
        to: text.describe("A role or a capability; nothing happens where no service has it."),
        when: when.optional(),
        networks: z.array(text).default([]).describe("Tiers it is put on; they carry the flows that name them (`over`), and no others."),
        listens: z.array(listenSchema).default([]),
        talksTo: z.array(flowSchema).default([]),
        environment: z.record(text, z.string()).default({}),
        command: z.array(text).default([]).describe("Words at the end of its command."),
        servesTls: servesTlsSchema.optional(),
        user: z.string().optional().describe("Numeric uid:gid that it runs as in this stack, in place of its own."),
        memory: size.optional().describe("Memory it is limited to in this stack, in place of its own."),
        secrets: z.array(text).default([]),
        rereads: z.array(text).default([]),
        volumes: z.array(mountSchema).default([]),
        images: z.array(text).default([]).describe("Variables of `images:` that its Dockerfile is told as arguments."),
        why,
      }),
    )
    .default([])
    .describe("What this part needs of services that other parts bring."),
  interpose: z
    .array(
      z.strictObject({
        service: text,
        before: text.describe("The capability it stands in front of."),
        callers: z.array(text).min(1).describe("Roles whose flows it takes over."),
        environment: z.record(text, z.string()).default({}).describe("What each of these callers is told: they talk to another kind of server now."),
        why,
      }),
    )
    .default([]),
  replicate: z
    .array(
      z.strictObject({
        role: text,
        into: z.array(z.string().regex(/^[a-z]+$/)).min(2),
        unit: z
          .string()
          .regex(DNS_LABEL)
          .optional()
          .describe("What is deployed together, by the name for `ops/deploy --only`; without it, with everything else that has none."),
        why,
      }),
    )
    .default([]),
  provide: z
    .array(
      z.strictObject({
        secrets: z.array(text).min(1).optional().describe("Left out: every secret, but for those that the service itself reads."),
        from: text,
        why,
      }),
    )
    .default([]),
});

const content = {
  when: when.optional().describe("Part of the project only when this option holds."),
  summary: text,
  include: z
    .array(z.string().regex(INCLUDED_FILE, "a .yaml file below the manifest's folder and not in files/, in small letters: manifest/services.yaml"))
    .default([])
    .describe("Further files of this manifest, each with sections of it; entries are joined by key, and none is in two files."),
  options: z.record(z.string().regex(OPTION_KEY), optionSchema).default({}),
  images: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*_IMAGE$/), text).default({}),
  services: z.record(text, serviceSchema).default({}),
  secrets: z.record(text, secretSchema).default({}),
  volumes: z.record(text, z.strictObject({ when: when.optional(), why })).default({}),
  tiers: z
    .record(text, z.strictObject({ perMinute: z.int().min(1), burst: z.int().min(0), why }))
    .default({})
    .describe("Rate tiers of the edge."),
  reaches: z
    .array(z.strictObject({ from: text, to: text, when: when.optional(), why }))
    .default([])
    .describe("Roles that share a network without a flow, each with the reason why that is accepted."),
  flows: z
    .array(z.strictObject({ from: z.literal("internet"), to: text, port, why }))
    .default([])
    .describe("Flows from outside."),
  variables: z
    .record(
      z.string().regex(/^[A-Z][A-Z0-9_]*$/),
      z.strictObject({ value: z.string(), why, optional: z.boolean().default(false), when: when.optional() }),
    )
    .default({})
    .describe("Lines of .env.example; a value may name `{{project.name}}` or an option."),
  files: z
    .array(
      z.strictObject({
        path: text.describe("A file or a folder (`docs/`) of files/."),
        when: when.optional(),
        owner: z.enum(["breakwater", "you"]).optional(),
      }),
    )
    .default([])
    .describe("Exceptions from the default: every file is written, owned as `owner` says."),
  owner: z.enum(["breakwater", "you"]).default("breakwater"),
  pages: z
    .record(z.string().regex(/^docs\/.+\.md$/), text)
    .default({})
    .describe("Each page below docs/ that it brings, and what it answers: the index of the project's documents."),
  controls: z.array(z.strictObject({ id: text, claim: text, file: text, test: text, when: when.optional() })).default([]),
  verbs: verbsSchema.default({ add: [], interpose: [], replicate: [], provide: [] }),
};

export const partSchema = z
  .strictObject({ part: z.string().regex(DNS_LABEL), ...content })
  .describe("A part: services, files and facts that stacks share.");

export const stackSchema = z
  .strictObject({
    stack: z.string().regex(DNS_LABEL),
    title: text,
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    parts: z.array(text).default([]),
    stands: z.record(text, standsSchema).default({}).describe("By part: what is different about it in this stack."),
    networks: z.record(text, networkSchema).default({}),
    ...content,
  })
  .describe("A stack: what a user picks. A part with a name, options and app code.");

/** What a manifest says of itself stays in it; what is left is sections, and those can be cut out. */
const OF_ITSELF = { when: true, summary: true, include: true, owner: true } as const;
export const partIncludeSchema = partSchema.omit({ part: true, ...OF_ITSELF }).describe("Sections of a part.yaml that includes this file.");
export const stackIncludeSchema = stackSchema
  .omit({ stack: true, title: true, version: true, ...OF_ITSELF })
  .describe("Sections of a stack.yaml that includes this file.");

export type PartManifest = z.output<typeof partSchema>;
export type StackManifest = z.output<typeof stackSchema>;
export type OptionManifest = z.output<typeof optionSchema>;
