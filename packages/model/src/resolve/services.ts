import type { Flow, Mount, Overlay, PlanNetwork, PlanRun, PlanService, Publish, Scope } from "../plan.ts";
import type { MountManifest, OverlayManifest } from "../schema/index.ts";
import type { Draft } from "./select.ts";

/** Those a flow may mean: services that are, or provide, what it asks for; a name only as the interpose verb writes it. */
export function targetsOf(word: string, drafts: readonly Draft[]): readonly Draft[] {
  const byRole = drafts.filter((draft) => draft.manifest.role === word || draft.manifest.provides.includes(word));
  return byRole.length > 0 ? byRole : drafts.filter((draft) => draft.name === word);
}

/** The networks that bear one of the tiers; a tier without a network keeps its own word, for the check to find. */
export function networksOfTiers(tiers: readonly string[], networks: readonly PlanNetwork[]): readonly string[] {
  return sortUnique(
    tiers.flatMap((tier) => {
      const bearing = networks.filter((network) => network.tiers.includes(tier)).map((network) => network.name);
      return bearing.length > 0 ? bearing : [tier];
    }),
  );
}

function sortUnique(words: Iterable<string>): readonly string[] {
  return [...new Set(words)].toSorted();
}

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
        over: networksOfTiers(flow.over === undefined ? target.manifest.networks : [flow.over], networks),
        why: flow.why,
        at,
      }));
    }),
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
  const own = networksOfTiers([...manifest.networks, ...(draft.joins ?? [])], networks);
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
  return {
    name,
    ...(draft.copy === undefined ? {} : { copy: draft.copy }),
    version,
    part: draft.part,
    role: manifest.role,
    provides: manifest.provides,
    why: manifest.why,
    run: runOf(draft, drafts),
    user: manifest.user ?? "",
    oneShot: manifest.oneShot,
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
    volumes: [...manifest.volumes.map(mountOf), ...tlsMounts(draft, drafts)],
    tmpfs: manifest.tmpfs.map(({ owner, ...rest }) => (owner === undefined ? rest : { ...rest, owner })),
    ...(manifest.health === undefined ? {} : { health: manifest.health }),
    ...(manifest.limits === undefined ? {} : { limits: manifest.limits }),
    dependsOn: dependenciesOf(draft, drafts),
    ...(manifest.stopGracePeriod === undefined ? {} : { stopGracePeriod: manifest.stopGracePeriod }),
    ...(manifest.shmSize === undefined ? {} : { shmSize: manifest.shmSize }),
    development: overlayOf(manifest.development),
    production: overlayOf(manifest.production),
    exceptions: manifest.exceptions,
    notes: manifest.notes,
    at: draft.at,
  };
}

/** What a manifest writes for the version of the images that are built here. */
const VERSION = "${APP_VERSION:-dev}";

/** Copies have a version each; what runs the image of a service with copies, and has none itself, runs the live one. */
function versionOf(draft: Draft, drafts: readonly Draft[]): string {
  if (draft.copy !== undefined) return `\${${draft.copy.name.toUpperCase()}_VERSION:-${VERSION}}`;
  const shared = draft.manifest.sharesImageOf;
  const live = shared !== undefined && targetsOf(shared, drafts).some((target) => target.copy !== undefined);
  return live ? `\${LIVE_VERSION:-${VERSION}}` : VERSION;
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
  return [
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
