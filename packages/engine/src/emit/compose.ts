import type { Overlay, PlanService, StackPlan } from "@breakwater/model";

import { commonEnvironment, healthNode, limitsNode, mountText, portsOf, serviceNode } from "./compose-service.ts";
import { columnsOf } from "./diagram.ts";
import { alias, block, entry, type Entry, inline, inlineMap, map, merge, printYaml, quoted, record, tagged, type Value } from "./yaml.ts";

/** compose.yaml: what holds everywhere. Publishes the edge alone, on the loopback address. */
export function emitCompose(plan: StackPlan): string {
  const root = map([
    {
      key: "name",
      value: `\${COMPOSE_PROJECT_NAME:-${plan.project.name}}`,
      note: "Another name is another instance: networks, volumes and containers all carry it.",
    },
    {
      key: "x-hardening",
      value: hardening(),
      gap: true,
      note: "Every service starts from here: no root, no capabilities, no writable disk, bounded logs.",
    },
    {
      key: "x-health",
      value: health(),
      gap: true,
      note: "Health decides who may start and who gets traffic. The interval is a variable: tests use 1s.",
    },
    ...plan.services.flatMap((service) => sharedEnvironment(service, plan)),
    {
      key: "x-internal",
      value: internalNetwork(),
      gap: true,
      note: "A network without a way out. internal alone leaves the host's bridge address reachable from inside; inhibit_ipv4 takes that address away.",
    },
    {
      key: "services",
      value: map(byDistance(plan).map((service) => ({ key: service.name, value: serviceNode(service, plan), note: service.why, gap: true }))),
      gap: true,
    },
    {
      key: "networks",
      value: networksNode(plan),
      gap: true,
      note: `A network is a permission: ${sharing(plan)} (docs/architecture/network.md).\n${subnetNote(plan)}`,
    },
    ...entry(
      "volumes",
      plan.volumes.length === 0 ? undefined : map(plan.volumes.map((volume) => ({ key: volume.name, value: null, note: volume.why }))),
    ).map((one) => ({ ...one, gap: true })),
    ...entry(
      "secrets",
      plan.secrets.length === 0 ? undefined : secretsNode(plan),
      "Files, never variables: docker inspect shows the environment. Made by ops/secrets init.",
    ).map((one) => ({ ...one, gap: true })),
  ]);
  return printYaml(
    root,
    `${plan.project.title}: ${plan.project.stackTitle}\n\nBase of every environment. \`docker compose up\` adds compose.override.yaml (development);\nproduction is \`docker compose -f compose.yaml -f compose.production.yaml\`, or ops/up --production.`,
  );
}

function hardening(): Value {
  return map(
    [
      { key: "restart", value: "unless-stopped" },
      { key: "read_only", value: true, note: "What must be written goes to a tmpfs or a volume that is listed at the service." },
      { key: "cap_drop", value: inline(["ALL"]) },
      { key: "security_opt", value: inline([quoted("no-new-privileges:true")]) },
      {
        key: "logging",
        value: map([
          { key: "driver", value: "json-file" },
          {
            key: "options",
            value: inlineMap([
              { key: "max-size", value: "10m" },
              { key: "max-file", value: quoted("3") },
            ]),
          },
        ]),
        note: "Without bounds json-file fills the disk.",
      },
    ],
    "hardening",
  );
}

function health(): Value {
  return map(
    [
      { key: "interval", value: "${HEALTH_INTERVAL:-10s}" },
      { key: "timeout", value: "5s" },
      { key: "retries", value: 3 },
      { key: "start_period", value: "30s" },
    ],
    "health",
  );
}

function internalNetwork(): Value {
  return map(
    [
      { key: "internal", value: true },
      { key: "driver_opts", value: map([{ key: "com.docker.network.bridge.inhibit_ipv4", value: quoted("true") }]) },
    ],
    "internal",
  );
}

/** The edge first, then what it calls: the order in which a reader follows a request. */
function byDistance(plan: StackPlan): readonly PlanService[] {
  return columnsOf(plan).flat();
}

function sharedEnvironment(service: PlanService, plan: StackPlan): readonly Entry[] {
  const common = commonEnvironment(service, plan);
  if (service.run.kind !== "build" || service.copy?.standby === true || Object.keys(common).length === 0) return [];
  return [
    {
      key: `x-${service.name}-environment`,
      value: record(common, `${service.name}-environment`),
      gap: true,
      note: `What everything that runs the image of ${service.name} is told.`,
    },
  ];
}

function networksNode(plan: StackPlan): Value {
  return map(
    plan.networks.map((network): Entry => ({
      key: network.name,
      note: network.why,
      value:
        network.internal && network.subnet === undefined
          ? alias("internal")
          : map([
              ...(network.internal ? [merge("internal")] : []),
              ...entry(
                "ipam",
                network.subnet === undefined
                  ? undefined
                  : map([
                      {
                        key: "config",
                        value: block([inlineMap([{ key: "subnet", value: `\${${subnetVariable(network.name)}:-${network.subnet}}` }])]),
                      },
                    ]),
              ),
            ]),
    })),
  );
}

/** Copies of one service reach each other in every plan; what a manifest accepted besides is worth a word. */
function sharing(plan: StackPlan): string {
  const copies = new Map(plan.services.map((service) => [service.name, service.copy?.of]));
  const accepted = plan.reaches.some(({ from, to }) => copies.get(from) === undefined || copies.get(from) !== copies.get(to));
  return accepted ? "who shares one without a flow has a reason there" : "two services share one only where a flow runs";
}

function subnetNote(plan: StackPlan): string {
  return plan.networks.some((network) => network.subnet !== undefined)
    ? "Subnets that are named here are moved by their variable in .env; ops/instance does that for a second instance."
    : "No fixed subnets: the engine allots free ones, so a second instance never collides.";
}

/** The variable that moves a network with a fixed subnet: `SUBNET_DATA`. */
export function subnetVariable(network: string): string {
  return `SUBNET_${network.toUpperCase().replaceAll("-", "_")}`;
}

function secretsNode(plan: StackPlan): Value {
  return map(
    plan.secrets.map((secret) => ({
      key: secret.name,
      value: map([{ key: "file", value: `\${SECRETS_DIR:-./secrets}/${secret.name}` }]),
      note: secret.why,
    })),
  );
}

/** compose.override.yaml: development. Loaded by itself; every port on 127.0.0.1 only. */
export function emitDevelopment(plan: StackPlan): string {
  const services = plan.services
    .filter((service) => service.copy?.standby !== true)
    .flatMap((service) => {
      const node = overlayEntries(service, service.development, plan, "development");
      return node.length === 0 ? [] : [{ key: service.name, value: map(node), gap: true }];
    });
  const internal = plan.networks.filter((network) => network.internal);
  const root = map([
    { key: "services", value: map(services) },
    {
      key: "networks",
      gap: true,
      note: "Published ports need a network with a way out: on an internal one the engine publishes nothing and says nothing.",
      value: map(
        internal.map((network) => ({
          key: network.name,
          value: map([
            { key: "internal", value: false },
            { key: "driver_opts", value: map([{ key: "com.docker.network.bridge.inhibit_ipv4", value: quoted("false") }]) },
          ]),
        })),
      ),
    },
  ]);
  return printYaml(
    root,
    "Development, loaded by `docker compose up` by itself. Never used in production.\nPorts of every service for your tools, on 127.0.0.1 only; sources mounted; code reloads.",
  );
}

/** compose.production.yaml: only 80 and 443 of the edge, TLS, reservations. */
export function emitProduction(plan: StackPlan): string {
  const services = plan.services.map((service) => ({
    key: service.name,
    value: map(overlayEntries(service, service.production, plan, "production")),
    gap: true,
  }));
  return printYaml(
    map([{ key: "services", value: map(services) }]),
    "Production: docker compose -f compose.yaml -f compose.production.yaml up -d --wait\nor ops/up --production, which checks the host, secrets and certificate first.",
  );
}

function overlayEntries(service: PlanService, overlay: Overlay, plan: StackPlan, scope: "development" | "production"): readonly Entry[] {
  const publishes = service.publishes.filter((publish) => publish.scope === scope);
  const replaces = service.publishes.some((publish) => publish.scope === "base");
  const built = builder(service, plan);
  const note = (key: string): string | undefined => service.notes[`${scope}.${key}`];
  return [
    ...entry(
      "image",
      scope === "development" && built !== undefined ? `\${COMPOSE_PROJECT_NAME:-${plan.project.name}}/${built.name}:development` : undefined,
    ),
    ...entry("build", service.run.kind === "build" && overlay.target !== undefined ? map([{ key: "target", value: overlay.target }]) : undefined),
    ...entry("user", overlay.user === undefined ? undefined : quoted(overlay.user), note("user")),
    ...entry("command", overlay.command === undefined ? undefined : inline(overlay.command), note("command")),
    ...entry("environment", Object.keys(overlay.environment).length === 0 ? undefined : record(overlay.environment), note("environment")),
    ...entry(
      "ports",
      portsNode(publishes, replaces),
      replaces && publishes.length > 0 ? "!override: the base's loopback port must not stay beside these." : note("ports"),
    ),
    ...entry("volumes", overlay.volumes.map(mountText), note("volumes")),
    ...entry("healthcheck", healthNode(overlay.health, []), note("healthcheck")),
    ...entry("deploy", scope === "production" ? reservations(service) : limitsNode(overlay.limits), note("deploy")),
  ];
}

function portsNode(publishes: StackPlan["services"][number]["publishes"], replaces: boolean): Value | undefined {
  if (publishes.length === 0) return undefined;
  const list = block(portsOf(publishes));
  return replaces ? tagged("!override", list) : list;
}

/** The service whose development target this one runs, when there is one. */
function builder(service: PlanService, plan: StackPlan): PlanService | undefined {
  const { run } = service;
  const owner = run.kind === "shared" ? plan.services.find((candidate) => candidate.name === run.service) : service;
  return owner?.run.kind === "build" && owner.development.target !== undefined ? owner : undefined;
}

function reservations(service: PlanService): Value | undefined {
  if (service.limits === undefined) return undefined;
  const { reserveCpus, reserveMemory } = service.limits;
  return map([
    {
      key: "resources",
      value: map([
        {
          key: "reservations",
          value: inlineMap([
            { key: "cpus", value: quoted(reserveCpus) },
            { key: "memory", value: reserveMemory },
          ]),
        },
      ]),
    },
  ]);
}
