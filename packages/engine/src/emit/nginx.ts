import { listenAddresses, type PlanService, type RateTier, type Route, type StackPlan } from "@breakwater/model";

/**
 * What the edge must know of the plan: whom it hands requests to, how fast, and on which addresses it
 * listens. Everything else of nginx is hand-written in the part that brings the edge, and includes these.
 */
export function emitNginx(plan: StackPlan): Readonly<Record<string, string>> {
  const edge = plan.services.find((service) => service.role === "edge");
  if (edge === undefined) return {};
  return {
    ...upstreamFiles(plan),
    "nginx/plan/limits.conf": limits(plan.tiers),
    "nginx/plan/locations.conf": locations(plan),
    "nginx/plan/policies.conf": policies(plan),
    "nginx/plan/listen-http.conf": listen(plan, edge, "http", ""),
    "nginx/plan/listen-https.conf": listen(plan, edge, "https", " ssl"),
    "nginx/plan/listen-development.conf": listenEverywhere(edge),
  };
}

const HEAD = "# Spelled from the plan by breakwater: change the manifest, not this file.\n";

function routed(plan: StackPlan): readonly { readonly service: PlanService; readonly route: Route }[] {
  return plan.services
    .filter((service) => service.copy?.standby !== true)
    .flatMap((service) => service.routes.map((route) => ({ service, route })))
    .toSorted((a, b) => b.route.path.length - a.route.path.length || (a.route.path < b.route.path ? -1 : 1));
}

/**
 * `upstreams.conf`: every upstream, first copies; what development and the base file use. Production includes
 * `upstreams-production.conf`: the same, or, where services have copies, what stands in the folder that ops/deploy
 * switches, one of `upstreams-<copy>.conf`; of what is deployed by itself one of `upstreams-<unit>-<copy>.conf`.
 */
function upstreamFiles(plan: StackPlan): Readonly<Record<string, string>> {
  const services = plan.services.filter((service) => service.routes.length > 0);
  const first = services.filter((service) => service.copy?.standby !== true);
  const single = services.filter((service) => service.copy === undefined);
  const units = [...new Set(services.flatMap((service) => (service.copy === undefined ? [] : [service.copy.unit])))];
  const live = units.map((unit) => `include /etc/nginx/live/${fileOf(unit)}.conf;\n`).toSorted();
  const named = units.flatMap((unit) => unit ?? []).toSorted();
  const releases = named.map((unit) => `${unit}=$release_${unit.replaceAll("-", "_")}`).join(" ");
  const switched = ["# Which copy has the traffic: replaced by ops/deploy and ops/rollback.\n", ...live].join("");
  const unnamed = '# Told in the header X-Release where a release is deployed by ops/deploy.\nmap "" $release { default ""; }\n';
  const together = `# Told in the header X-Release.\nmap "" $release { default "${releases}"; }\n`;
  return {
    "nginx/plan/upstreams.conf": [upstreams(first), unnamed].join("\n"),
    "nginx/plan/upstreams-production.conf": [
      upstreams(single),
      ...(units.length === 0 ? [unnamed] : [switched]),
      // Everything that has no unit says its release itself.
      ...(units.length > 0 && !units.includes(undefined) ? [together] : []),
    ].join("\n"),
    ...Object.fromEntries(
      units.flatMap((unit) => {
        const of = services.filter((service) => service.copy !== undefined && service.copy.unit === unit);
        return [...new Set(of.map((service) => service.copy?.name))].map((copy) => [
          `nginx/plan/${fileOf(unit)}-${copy}.conf`,
          upstreams(of.filter((service) => service.copy?.name === copy)),
        ]);
      }),
    ),
  };
}

function fileOf(unit: string | undefined): string {
  return unit === undefined ? "upstreams" : `upstreams-${unit}`;
}

function upstreams(services: readonly PlanService[]): string {
  const blocks = services.map((service) => {
    const port = service.listens[0]?.port ?? 80;
    return `upstream ${upstreamOf(service)} {
    # Named apart from the rate tiers: one may have the name of a service.
    zone upstream_${upstreamOf(service)} 64k;
    # resolve: a recreated container has another address; nginx follows within the resolver's two seconds.
    # max_fails=0: with one server, marking it down for ten seconds only makes an outage longer.
    server ${service.name}:${port} resolve max_fails=0;
    keepalive 32;
    keepalive_timeout 30s;
}
`;
  });
  return [HEAD, ...blocks].join("\n");
}

function upstreamOf(service: PlanService): string {
  return (service.copy?.of ?? service.name).replaceAll("-", "_");
}

/** One zone a tier, keyed on the client's network address: a key the client cannot choose. */
function limits(tiers: readonly RateTier[]): string {
  const zones = tiers.map((tier) => `# ${tier.why}\nlimit_req_zone $client_key zone=${tier.name}:10m rate=${tier.perMinute}r/m;\n`);
  return [HEAD, "# 10m holds about 80,000 clients a zone (128 bytes each).\n", ...zones].join("\n");
}

function locations(plan: StackPlan): string {
  const blocks = routed(plan).map(({ service, route }) => {
    const tier = plan.tiers.find((candidate) => candidate.name === route.tier);
    return `# ${route.why}
location ${route.match === "exact" ? "= " : ""}${route.path} {
    limit_req zone=${route.tier} burst=${tier?.burst ?? 0} nodelay;
    set $tier_limit ${tier?.perMinute ?? 0};
    set $tier_wait ${Math.ceil(60 / (tier?.perMinute ?? 60))};
    include common/${route.compress ? "compress" : "no-compress"}.conf;
    include common/proxy.conf;
${uploads(route)}    proxy_pass http://${upstreamOf(service)};
}
`;
  });
  return [HEAD, ...blocks].join("\n");
}

/** A large body is handed on as it comes: kept by the edge first, it would fill its memory, and come late. */
function uploads({ uploads }: Route): string {
  return uploads === undefined ? "" : `    client_max_body_size ${uploads.toLowerCase()};\n    proxy_request_buffering off;\n`;
}

/** What stands here is empty where the site's own policy holds; an error page of the edge is none of the service's answers. */
function policies(plan: StackPlan): string {
  const own = routed(plan).filter(({ route }) => route.ownPolicy);
  const lines = own.map(
    ({ route }) => `    "~^${route.path.replaceAll(".", "\\.")}${route.match === "exact" ? "$" : ""}" $upstream_http_content_security_policy;\n`,
  );
  return `${HEAD}\n# Routes whose service sends a content policy of its own.\nmap $uri $own_policy {\n    default "";\n${lines.join("")}}\n`;
}

function listen(plan: StackPlan, edge: PlanService, name: string, suffix: string): string {
  const port = edge.listens.find((candidate) => candidate.name === name)?.port;
  if (port === undefined) return HEAD;
  const addresses = listenAddresses(edge, port, plan.flows);
  const directives = addresses.length === 0 ? [`listen ${port}${suffix};`] : addresses.map((address) => `listen ${address}:${port}${suffix};`);
  return [HEAD, "# Only on the network the published port arrives on: services behind the edge cannot call it.", ...directives, ""].join("\n");
}

/** In development no network is internal, so the engine may deliver the published port on any of them. */
function listenEverywhere(edge: PlanService): string {
  const port = edge.listens.find((candidate) => candidate.name === "http")?.port ?? 80;
  return `${HEAD}\n# In development no network is internal, and the engine may deliver the published port on any of them.\nlisten ${port};\n`;
}
