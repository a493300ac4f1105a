import { textOf, type Tree, valueAt } from "../load/tree.ts";
import { imageName, networksOf, placesOf, portsOf, type ServiceView } from "../service.ts";
import type { AuditRecord, Found } from "../words.ts";
import { isDataStore } from "./hardening.ts";

/** Networks of a configuration against the flows of the recorded plan, or, without one, against the shape that segments have. */
export function networks(views: readonly ServiceView[], root: Tree, record: AuditRecord | undefined): readonly Found[] {
  return record === undefined ? withoutPlan(views) : withPlan(views, root, record);
}

function withPlan(views: readonly ServiceView[], root: Tree, record: AuditRecord): readonly Found[] {
  const on = new Map(views.map((view) => [view.name, new Set(networksOf(view))]));
  const planned = new Map(record.services.map((service) => [service.name, new Set(service.networks)]));
  const found: Found[] = [];

  for (const view of views) {
    const expected = planned.get(view.name);
    for (const network of on.get(view.name) ?? []) {
      if (expected?.has(network) === true) continue;
      const others = views.filter(
        (other) => other.name !== view.name && on.get(other.name)?.has(network) === true && !joined(record, view.name, other.name),
      );
      if (expected === undefined && others.length === 0) continue;
      const at = placesOf(view, "networks", network);
      const reach = others.length === 0 ? "" : `: it shares a network with ${others.map(({ name }) => name).join(", ")} and no flow says why`;
      found.push({
        rule: "network-unplanned",
        at,
        message: `${view.name} is on ${network}, which the plan does not ${expected === undefined ? "know it on" : "put it on"}${reach}`,
      });
    }
  }
  for (const { from, to, port } of record.flows) {
    const [a, b] = [on.get(from), on.get(to)];
    const view = views.find(({ name }) => name === from);
    if (a === undefined || b === undefined || view === undefined || [...a].some((network) => b.has(network))) continue;
    found.push({
      rule: "flow-closed",
      at: placesOf(view, "networks"),
      message: `${from} must reach ${to}:${port} and shares no network with it`,
      hint: "put both on the network that docs/architecture/network.md names",
    });
  }
  if (views[0]?.mode === "production")
    for (const { name, internal } of record.networks) {
      const entry = valueAt(root, "networks");
      const network = entry?.kind === "map" ? entry.entries.get(name) : undefined;
      if (network === undefined || !internal) continue;
      if (textOf(valueAt(network.value, "internal")) !== "true")
        found.push({ rule: "network-open", at: [network.key], message: `${name} has a way out in production; the plan makes it internal` });
      else if (
        textOf(valueAt(network.value, "driver_opts", "com.docker.network.bridge.inhibit_ipv4")) !== "true" &&
        textOf(valueAt(network.value, "driver_opts", "com.docker.network.bridge.gateway_mode_ipv4")) !== "isolated"
      )
        found.push({
          rule: "network-open",
          at: [network.key],
          message: `on ${name} the host's own services can be reached from inside`,
          hint: 'driver_opts: {com.docker.network.bridge.inhibit_ipv4: "true"}',
        });
    }
  return found;
}

function joined(record: AuditRecord, a: string, b: string): boolean {
  return [...record.flows, ...record.reaches].some(({ from, to }) => (from === a && to === b) || (from === b && to === a));
}

function withoutPlan(views: readonly ServiceView[]): readonly Found[] {
  const onDefault = views.filter((view) => networksOf(view).includes("default"));
  const found: Found[] = [];
  const first = onDefault[0];
  if (onDefault.length > 1 && first !== undefined)
    found.push({
      rule: "network-default",
      at: [first.key],
      message: `${onDefault.map(({ name }) => name).join(", ")} share the default network: each reaches every port of the others`,
    });
  const edges = views.filter((view) => portsOf(view).length > 0 && !isDataStore(view));
  for (const store of views.filter(isDataStore)) {
    const shared = edges.filter((edge) => isProxy(edge) && networksOf(edge).some((network) => networksOf(store).includes(network)));
    for (const edge of shared)
      found.push({
        rule: "network-edge-data",
        at: placesOf(store, "networks"),
        message: `${edge.name}, which the world talks to, shares a network with the data in ${store.name}`,
      });
  }
  return found;
}

function isProxy(view: ServiceView): boolean {
  return /^(nginx|nginx-unprivileged|traefik|caddy|haproxy|envoy|httpd|openresty)$/.test(imageName(view));
}
