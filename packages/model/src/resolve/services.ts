import type { Flow, Mount, Overlay, PlanNetwork, PlanRun, PlanService, Publish, Scope } from "../plan.ts";
import type { MountManifest, OverlayManifest } from "../schema/index.ts";
import { liveFiles, unitOf, VERSION, versionOf, withLive } from "./copies.ts";
import { networksOfTiers, sortUnique } from "./networks.ts";
import type { Draft } from "./select.ts";
import { targetsOf } from "./targets.ts";

/** Flows between services, one for each caller, target and port. An unknown target keeps its word. */
export function deriveFlows(drafts: readonly Draft[], networks: readonly PlanNetwork[]): readonly Flow[] {
  return drafts.flatMap((draft) =>
    draft.manifest.talksTo.flatMap((flow, index) => {
      const at = draft.flowPlaces[index] ?? draft.at;
      const targets = targetsOf(flow.to, drafts).filter((target) => target.name !== draft.name);
      if (targets.length === 0) return [{ from: draft.name, to: flow.to, port: flow.port ?? 0, over: [], why: flow.why, at }];
      return targets.map((target): Flow => ({
        from: draft.name,
        to: target.name,
        port: flow.port ?? target.manifest.listens[0]?.port ?? 0,
        over: networksOfTiers(flow.over === undefined ? target.manifest.networks : [flow.over], networks, [target]),
        why: flow.why,
        at,
      }));
    }),
  );
}

/** The engine's flow to a service that collects logs: over what it is served on with a way out, since a port is published there alone. */
export function engineFlows(drafts: readonly Draft[], networks: readonly PlanNetwork[]): readonly Flow[] {
  return drafts.flatMap((draft): Flow[] =>
    draft.manifest.collectsLogs === undefined
      ? []
      : [
          {
            from: "engine",
            to: draft.name,
            port: draft.manifest.collectsLogs.port,
            over: networksOfTiers(draft.manifest.networks, networks, [draft]).filter((own) =>
              networks.some((network) => network.name === own && !network.internal),
            ),
            why: draft.manifest.collectsLogs.why,
            at: draft.at,
          },
        ],
  );
}

/** `backend.app`: a name of the service that resolves on that one network only. */
export function aliasOn(service: string, network: string): string {
  return `${service}.${network}`;
}

/**
 * Where a service listens for a port, as host names: one for each network that carries a flow to it.
 * Empty when it may listen everywhere.
 */
export function listenAddresses(service: Pick<PlanService, "name" | "listens">, port: number, flows: readonly Flow[]): readonly string[] {
  if (service.listens.find((listen) => listen.port === port)?.bind !== "callers") return [];
  const carrying = flows.filter((flow) => flow.to === service.name && flow.port === port).flatMap((flow) => flow.over);
  return sortUnique(carrying).map((network) => aliasOn(service.name, network));
}

/** The plan's service, with networks, environment and start order worked out from the flows. */
export function deriveService(draft: Draft, drafts: readonly Draft[], flows: readonly Flow[], networks: readonly PlanNetwork[]): PlanService {
  const { manifest, name } = draft;
  const own = networksOfTiers([...manifest.networks, ...(draft.joins ?? [])], networks, [draft]);
  const called = flows.filter((flow) => flow.from === name).flatMap((flow) => flow.over);
  const base = manifest.sharesEnvironmentOf === undefined ? undefined : targetsOf(manifest.sharesEnvironmentOf, drafts)[0];
  const environment = {
    ...base?.manifest.environment,
    ...listenHosts(draft, flows),
    ...addressesOf(draft, drafts),
    ...manifest.environment,
    ...draft.told,
  };
  const version = versionOf(draft, drafts);
  const unit = unitOf(draft, drafts);
  return {
    name,
    ...(draft.copy === undefined ? {} : { copy: draft.copy }),
    version,
    ...(unit === undefined ? {} : { unit }),
    part: draft.part,
    role: manifest.role,
    provides: manifest.provides,
    why: manifest.why,
    run: runOf(draft, drafts),
    user: manifest.user ?? "",
    oneShot: manifest.oneShot,
    onDemand: manifest.onDemand,
    ...(manifest.collectsLogs === undefined ? {} : { collectsLogs: { port: manifest.collectsLogs.port, variable: manifest.collectsLogs.variable } }),
    init: manifest.init,
    ...(manifest.entrypoint === undefined ? {} : { entrypoint: manifest.entrypoint }),
    ...(manifest.command === undefined ? {} : { command: manifest.command }),
    // A copy tells its own version, not the one that is live.
    environment: sortKeys(Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, value.replaceAll(VERSION, version)]))),
    networks: sortUnique([...own, ...called]),
    listens: manifest.listens,
    ...(manifest.servesTls === undefined ? {} : { servesTls: manifest.servesTls.reload === undefined ? {} : { reload: manifest.servesTls.reload } }),
    publishes: publishesOf(draft),
    routes: manifest.routes.map(({ path, match, tier, compress, ownPolicy, uploads, why }) => ({
      path,
      match,
      tier,
      compress,
      ownPolicy,
      ...(uploads === undefined ? {} : { uploads }),
      why,
    })),
    smoke: manifest.smoke.map(({ contains, ...rest }) => (contains === undefined ? rest : { ...rest, contains })),
    secrets: sortUnique(manifest.secrets),
    sees: Object.fromEntries(Object.entries(draft.sees ?? {}).filter(([secret]) => manifest.secrets.includes(secret))),
    volumes: [...manifest.volumes.map(mountOf), ...tlsMounts(draft, drafts)],
    tmpfs: manifest.tmpfs.map(({ owner, ...rest }) => (owner === undefined ? rest : { ...rest, owner })),
    ...(manifest.health === undefined ? {} : { health: manifest.health }),
    ...(manifest.limits === undefined ? {} : { limits: manifest.limits }),
    dependsOn: dependenciesOf(draft, drafts),
    ...(manifest.stopGracePeriod === undefined ? {} : { stopGracePeriod: manifest.stopGracePeriod }),
    ...(manifest.shmSize === undefined ? {} : { shmSize: manifest.shmSize }),
    development: overlayOf(manifest.development),
    production: withLive(overlayOf(manifest.production), liveFiles(draft, drafts)),
    exceptions: manifest.exceptions,
    notes: manifest.notes,
    at: draft.at,
  };
}

/**
 * The addresses of the first port it listens on as `LISTEN_HOST`, which says for the others as well; those of a port that has
 * other ones as `<NAME>_LISTEN_HOST`.
 */
function listenHosts({ name, manifest: { listens } }: Draft, flows: readonly Flow[]): Record<string, string> {
  const hosts = listens.map((listen) => ({ listen, host: listenAddresses({ name, listens }, listen.port, flows).join(",") }));
  const first = hosts.find(({ host }) => host !== "");
  if (first === undefined) return {};
  const others = hosts.filter(({ host }) => host !== "" && host !== first.host);
  return {
    LISTEN_HOST: first.host,
    ...Object.fromEntries(others.map(({ listen, host }) => [`${listen.name.toUpperCase().replaceAll("-", "_")}_LISTEN_HOST`, host])),
  };
}

function addressesOf(draft: Draft, drafts: readonly Draft[]): Record<string, string> {
  const pairs = draft.manifest.talksTo.flatMap((flow): [string, string][] => {
    const target = flow.env === undefined ? undefined : targetsOf(flow.to, drafts)[0];
    if (target === undefined) return [];
    return [
      [`${flow.env}_HOST`, target.name],
      [`${flow.env}_PORT`, String(flow.port ?? target.manifest.listens[0]?.port ?? 0)],
      ...(target.manifest.servesTls === undefined ? [] : [[`${flow.env}_CA_FILE`, "/run/trust/ca.crt"] as [string, string]]),
    ];
  });
  return Object.fromEntries(pairs);
}

/** Certificate and key for who answers with them; the CA alone for who calls. Folders, so that a renewed file is seen. */
function tlsMounts(draft: Draft, drafts: readonly Draft[]): readonly Mount[] {
  const mount = (folder: string, target: string, why: string): Mount => ({
    kind: "bind",
    source: `\${TLS_DIR:-./tls}/${folder}`,
    target,
    readOnly: true,
    why,
  });
  const calls = draft.manifest.talksTo.some((flow) => targetsOf(flow.to, drafts).some((target) => target.manifest.servesTls !== undefined));
  return [
    ...(draft.manifest.servesTls === undefined
      ? []
      : [mount(draft.copy?.of ?? draft.name, "/run/tls", "Its certificate and key: ops/tls makes and renews them.")]),
    ...(calls ? [mount("trust", "/run/trust", "The project's CA: whom it calls must answer with a certificate of it.")] : []),
  ];
}

function runOf(draft: Draft, drafts: readonly Draft[]): PlanRun {
  const { manifest } = draft;
  if (manifest.build !== undefined) {
    const { dockerfile, ...build } = manifest.build;
    return { kind: "build", ...build, ...(dockerfile === undefined ? {} : { dockerfile }) };
  }
  if (manifest.sharesImageOf !== undefined) {
    const targets = targetsOf(manifest.sharesImageOf, drafts);
    const same = targets.find((target) => target.copy?.name === draft.copy?.name) ?? targets[0];
    return { kind: "shared", service: same?.name ?? manifest.sharesImageOf };
  }
  return { kind: "image", image: manifest.image ?? "" };
}

function dependenciesOf(draft: Draft, drafts: readonly Draft[]): PlanService["dependsOn"] {
  const fromFlows = draft.manifest.talksTo
    .filter((flow) => flow.wait)
    .flatMap((flow) => targetsOf(flow.to, drafts))
    .filter((target) => target.name !== draft.name && target.copy?.standby !== true)
    .map((target): [string, PlanService["dependsOn"][number]["condition"]] => [
      target.name,
      target.manifest.oneShot ? "service_completed_successfully" : "service_healthy",
    ]);
  const explicit = draft.manifest.after.flatMap((after) =>
    targetsOf(after.service, drafts)
      .filter((target) => target.copy?.standby !== true)
      .map((target): [string, PlanService["dependsOn"][number]["condition"]] => [
        target.name,
        after.condition === "completed" ? "service_completed_successfully" : `service_${after.condition}`,
      ]),
  );
  const merged = new Map([...fromFlows, ...explicit]);
  return [...merged].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([service, condition]) => ({ service, condition }));
}

function publishesOf(draft: Draft): readonly Publish[] {
  const scoped = (scope: Scope, list: OverlayManifest["publish"]) => list.map((publish): Publish => ({ scope, ...publish, at: draft.at }));
  const logs = draft.manifest.collectsLogs;
  return [
    ...(logs === undefined
      ? []
      : [
          {
            scope: "base",
            container: logs.port,
            variable: logs.variable,
            port: logs.port,
            address: "loopback",
            scheme: "tcp",
            at: draft.at,
          } satisfies Publish,
        ]),
    ...scoped("base", draft.manifest.publish),
    ...scoped("development", draft.manifest.development?.publish ?? []),
    ...scoped("production", draft.manifest.production?.publish ?? []),
  ];
}

function mountOf(mount: MountManifest): Mount {
  const { target, readOnly, why } = mount;
  return "volume" in mount
    ? { kind: "volume", source: mount.volume, target, readOnly, why }
    : { kind: "bind", source: mount.bind, target, readOnly, why };
}

function overlayOf(overlay: OverlayManifest | undefined): Overlay {
  if (overlay === undefined) return { environment: {}, volumes: [] };
  return {
    ...(overlay.target === undefined ? {} : { target: overlay.target }),
    ...(overlay.user === undefined ? {} : { user: overlay.user }),
    ...(overlay.command === undefined ? {} : { command: overlay.command }),
    environment: sortKeys(overlay.environment),
    volumes: overlay.volumes.map(mountOf),
    ...(overlay.health === undefined ? {} : { health: overlay.health }),
    ...(overlay.limits === undefined ? {} : { limits: overlay.limits }),
  };
}

function sortKeys(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
