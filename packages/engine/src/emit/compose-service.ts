import {
  aliasOn,
  type Copy,
  type Health,
  type Limits,
  listenAddresses,
  type LogCollector,
  type Mount,
  type PlanService,
  type Publish,
  type StackPlan,
  type Tmpfs,
} from "@breakwater/model";
import type { YAMLMap } from "yaml";

import { block, entry, type Entry, inline, inlineMap, map, merge, quoted, record, type Value } from "./yaml.ts";

/** One service of compose.yaml: everything that is true in every environment. A standby copy says what differs from the first. */
export function serviceNode(service: PlanService, plan: StackPlan): YAMLMap {
  if (service.copy?.standby === true) return copyNode(service, service.copy, plan);
  const note = (key: string): string | undefined => service.notes[key];
  return map(
    [
      merge("hardening"),
      ...imageEntries(service, plan),
      ...entry("profiles", service.onDemand ? inline(["on-demand"]) : undefined, "Not started with the project: a script runs it when it is needed."),
      ...entry("init", service.init ? true : undefined, note("init")),
      ...entry("user", quoted(service.user), note("user")),
      ...(service.oneShot ? entry("restart", quoted("no"), "Runs once and ends; what waits for it asks for its success.") : []),
      ...entry("entrypoint", service.entrypoint === undefined ? undefined : commandNode(service.entrypoint), note("entrypoint")),
      ...entry("command", service.command === undefined ? undefined : commandNode(service.command), note("command")),
      ...entry("environment", environmentNode(service, plan), note("environment")),
      ...entry("secrets", service.secrets.length === 0 ? undefined : secretsNode(service, plan), note("secrets")),
      ...entry("ports", portsOf(service.publishes.filter((publish) => publish.scope === "base")), note("ports")),
      ...entry("networks", networksNode(service, plan), note("networks")),
      ...entry("depends_on", dependsNode(service)),
      ...entry("volumes", service.volumes.map(mountText), note("volumes")),
      ...entry("tmpfs", service.tmpfs.map(tmpfsText), note("tmpfs")),
      ...entry("shm_size", service.shmSize, note("shm_size")),
      ...entry("stop_grace_period", service.stopGracePeriod, note("stop_grace_period")),
      ...entry("healthcheck", healthNode(service.health, [merge("health")]), note("healthcheck")),
      ...entry("deploy", limitsNode(service.limits), note("deploy")),
      ...exceptionEntries(service),
      ...entry(
        "logging",
        service.collectsLogs === undefined ? undefined : jsonFile(),
        "Not to itself: what it says of its own troubles stays on this host.",
      ),
    ],
    service.copy?.of,
  );
}

/** Names; with the place in the container for those that are elsewhere than the others. */
function secretsNode(service: PlanService, plan: StackPlan): Value {
  const targets = new Map(plan.secrets.map((secret) => [secret.name, secret.target]));
  return inline(
    service.secrets.map((name) => {
      const target = targets.get(name) ?? service.sees[name];
      return target === undefined
        ? name
        : inlineMap([
            { key: "source", value: name },
            { key: "target", value: target },
          ]);
    }),
  );
}

function copyNode(service: PlanService, copy: Copy, plan: StackPlan): YAMLMap {
  return map([
    merge(copy.of),
    {
      key: "profiles",
      value: inline([copy.unit === undefined ? copy.name : `${copy.unit}-${copy.name}`]),
      note: `Not started by itself: ops/deploy starts it, and ${copy.of} stands by in turn.`,
    },
    ...imageEntries(service, plan),
    ...entry("environment", environmentNode(service, plan)),
    ...entry("networks", networksNode(service, plan)),
    ...entry("depends_on", dependsNode(service)),
  ]);
}

function imageEntries(service: PlanService, plan: StackPlan): readonly Entry[] {
  const { run } = service;
  switch (run.kind) {
    case "image":
      return entry("image", imageReference(plan, run.image));
    case "shared":
      return [...entry("image", builtImage(plan, service), `The image of ${run.service}, with another command.`), ...NEVER_PULLED];
    case "build":
      return [
        ...entry("image", builtImage(plan, service)),
        ...entry("pull_policy", "never", "Built here. Without this, a registry's image of the same name would be taken first."),
        ...entry(
          "build",
          map([
            { key: "context", value: `./${run.context}` },
            ...entry("dockerfile", run.dockerfile),
            { key: "target", value: run.target },
            ...entry(
              "args",
              record({ APP_VERSION: service.version, ...Object.fromEntries(run.images.map((name) => [name, imageReference(plan, name)])) }),
            ),
          ]),
        ),
      ];
  }
}

/** The engine's files, bounded. */
export function jsonFile(): Value {
  return map([
    { key: "driver", value: "json-file" },
    {
      key: "options",
      value: inlineMap([
        { key: "max-size", value: "10m" },
        { key: "max-file", value: quoted("3") },
      ]),
    },
  ]);
}

/**
 * To the service that collects logs. async: a service starts and writes whether or not the other side is there; its lines wait in
 * the engine's memory, so many of them, and then are dropped. The engine keeps a bounded copy, which docker logs shows.
 */
export function logDriver({ port, variable }: LogCollector): Value {
  return map([
    { key: "driver", value: "fluentd" },
    {
      key: "options",
      value: map([
        { key: "fluentd-address", value: `127.0.0.1:\${${variable}:-${port}}` },
        {
          key: "fluentd-async",
          value: quoted("true"),
          note: "Never waits: lines stay in the engine's memory until they can be sent, and docker logs has them anyway.",
        },
        { key: "fluentd-request-ack", value: quoted("true"), note: "A line counts as sent when the other side has said so." },
        { key: "fluentd-buffer-limit", value: quoted("8192"), note: "Lines of one container that may wait there; what comes on top is not sent." },
        { key: "fluentd-sub-second-precision", value: quoted("true") },
        { key: "tag", value: "log" },
        { key: "labels", value: "com.docker.compose.project,com.docker.compose.service" },
        { key: "cache-max-size", value: "10m" },
        { key: "cache-max-file", value: quoted("3") },
      ]),
    },
  ]);
}

const NEVER_PULLED = entry("pull_policy", "never");

/** `${POSTGRES_IMAGE:-postgres:17.11}`: an exact tag that `ops/pin` can overlay with a digest. */
function imageReference(plan: StackPlan, variable: string): string {
  const image = plan.images.find((candidate) => candidate.variable === variable);
  return `\${${variable}:-${image?.reference ?? ""}}`;
}

function builtImage(plan: StackPlan, service: PlanService): string {
  return `\${COMPOSE_PROJECT_NAME:-${plan.project.name}}/${builderOf(service, plan)}:${service.version}`;
}

/** The name under which the image of a service is built: its own, or that of whose image it runs. Copies share it. */
function builderOf(service: PlanService, plan: StackPlan): string {
  const builder = service.run.kind === "shared" ? service.run.service : service.name;
  return plan.services.find((other) => other.name === builder)?.copy?.of ?? builder;
}

/** What all services on one built image are told alike; empty when the image runs only once. */
export function commonEnvironment(service: PlanService, plan: StackPlan): Readonly<Record<string, string>> {
  const builder = builderOf(service, plan);
  const family = plan.services.filter((other) => builderOf(other, plan) === builder);
  if (family.length < 2) return {};
  return Object.fromEntries(Object.entries(service.environment).filter(([key, value]) => family.every((other) => other.environment[key] === value)));
}

function environmentNode(service: PlanService, plan: StackPlan): Value | undefined {
  const common = commonEnvironment(service, plan);
  const own = Object.entries(service.environment).filter(([key]) => !(key in common));
  if (Object.keys(common).length === 0) return own.length === 0 ? undefined : record(Object.fromEntries(own));
  return map([merge(`${builderOf(service, plan)}-environment`), ...own.map(([key, value]) => ({ key, value }))]);
}

function commandNode(words: readonly string[]): Value {
  const multiline = words.some((word) => word.includes("\n"));
  return multiline ? block(words) : inline(words);
}

/** `127.0.0.1:${PROXY_PORT:-8080}:8080` */
export function portsOf(publishes: readonly Publish[]): readonly Value[] {
  return publishes.map((publish) => {
    const host = `\${${publish.variable}:-${publish.port}}:${publish.container}`;
    return quoted(publish.address === "loopback" ? `127.0.0.1:${host}` : host);
  });
}

function networksNode(service: PlanService, plan: StackPlan): Value {
  const bound = new Set(service.listens.flatMap((listen) => listenAddresses(service, listen.port, plan.flows)));
  if (bound.size === 0) return inline(service.networks);
  return map(
    service.networks.map((network) => {
      const name = aliasOn(service.name, network);
      return { key: network, value: bound.has(name) ? inlineMap([{ key: "aliases", value: inline([name]) }]) : null };
    }),
  );
}

function dependsNode(service: PlanService): Value | undefined {
  if (service.dependsOn.length === 0) return undefined;
  return map(
    service.dependsOn.map((dependency) => ({ key: dependency.service, value: inlineMap([{ key: "condition", value: dependency.condition }]) })),
  );
}

/** Bind mounts in long form with `create_host_path: false`: a missing path is an error, not an empty folder owned by root. */
export function mountText(mount: Mount): Value {
  if (mount.kind === "volume") return `${mount.source}:${mount.target}${mount.readOnly ? ":ro" : ""}`;
  return map([
    { key: "type", value: "bind", note: mount.why },
    { key: "source", value: mount.source },
    { key: "target", value: mount.target },
    ...(mount.readOnly ? [{ key: "read_only", value: true }] : []),
    { key: "bind", value: inlineMap([{ key: "create_host_path", value: false }]) },
  ]);
}

function tmpfsText(tmpfs: Tmpfs): Value {
  const owner = tmpfs.owner === undefined ? "" : `,uid=${tmpfs.owner.split(":")[0]},gid=${tmpfs.owner.split(":")[1]}`;
  return `${tmpfs.target}:size=${tmpfs.size},mode=${tmpfs.mode}${owner}`;
}

export function healthNode(health: Health | undefined, common: readonly Entry[]): Value | undefined {
  if (health === undefined) return undefined;
  return map([
    ...common,
    { key: "test", value: inline(health.test.map((word) => word.replaceAll("$", "$$$$"))) },
    ...(health.timeout === "5s" ? [] : [{ key: "timeout", value: health.timeout }]),
    ...(health.retries === 3 ? [] : [{ key: "retries", value: health.retries }]),
    ...(health.startPeriod === "30s" ? [] : [{ key: "start_period", value: health.startPeriod }]),
  ]);
}

export function limitsNode(limits: Limits | undefined): Value | undefined {
  if (limits === undefined) return undefined;
  const amounts = inlineMap([
    { key: "cpus", value: quoted(limits.cpus) },
    { key: "memory", value: limits.memory },
    { key: "pids", value: limits.pids },
  ]);
  return map([{ key: "resources", value: map([{ key: "limits", value: amounts }]) }]);
}

function exceptionEntries(service: PlanService): readonly Entry[] {
  const of = (control: string) => service.exceptions.filter((exception) => exception.control === control);
  return [
    ...entry("read_only", of("read-only").length > 0 ? false : undefined, of("read-only")[0]?.why),
    ...entry(
      "cap_add",
      of("capability").length === 0 ? undefined : inline(of("capability").map((exception) => exception.value)),
      of("capability")
        .map((exception) => exception.why)
        .join(" "),
    ),
  ];
}
