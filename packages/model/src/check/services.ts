import type { PlanService, StackPlan } from "../plan.ts";
import type { Problem } from "../problem.ts";

/** What every service must have: health, limits, a numeric user that is not root, a pinned image, known references. */
export function checkServices(plan: StackPlan): readonly Problem[] {
  return [
    ...plan.services.flatMap((service) => checkService(service, plan)),
    ...plan.images.flatMap(checkImage),
    ...checkCycles(plan),
    ...checkCollectors(plan),
  ];
}

function checkService(service: PlanService, plan: StackPlan): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, message: string, hint: string) => problems.push({ code, at: service.at, message: `${service.name}: ${message}`, hint });

  if (service.health === undefined && !service.oneShot)
    add("health-missing", "has no health check", "health: {test: [CMD, ...]}; only a oneShot may go without");
  if (service.limits === undefined) add("limits-missing", "has no limits", "limits: {cpus, memory, pids, reserveCpus, reserveMemory}");
  if (service.user === "") add("user-missing", "names no user", 'user: "10001:10001"');
  else if (!/^[1-9]\d*:[1-9]\d*$/.test(service.user)) add("user-root", `runs as '${service.user}'`, "a numeric uid:gid, neither of them 0");
  if (service.run.kind === "shared" && !plan.services.some((other) => service.run.kind === "shared" && other.name === service.run.service))
    add("image-unknown", `runs the image of '${service.run.service}', which is no service`, "sharesImageOf: a role of this project");
  const images = service.run.kind === "image" ? [service.run.image] : service.run.kind === "build" ? service.run.images : [];
  for (const image of images)
    if (!plan.images.some((known) => known.variable === image))
      add("image-unknown", `uses the image '${image}', which is not declared`, "add it to images:");
  for (const volume of service.volumes)
    if (volume.kind === "volume" && !plan.volumes.some((known) => known.name === volume.source))
      add("volume-unknown", `mounts the volume '${volume.source}', which is not declared`, "add it to volumes:");
  for (const network of service.networks)
    if (!plan.networks.some((known) => known.name === network))
      add("network-unknown", `is on '${network}', which is no network or tier of this stack`, "add the tier to a network of the stack");
  for (const route of service.routes)
    if (!plan.tiers.some((tier) => tier.name === route.tier))
      add("tier-unknown", `the route ${route.path} names the rate tier '${route.tier}'`, `one of: ${plan.tiers.map((tier) => tier.name).join(", ")}`);
  return problems;
}

function checkImage(image: StackPlan["images"][number]): readonly Problem[] {
  const tag = /:([^:/@]+)(?:@sha256:[0-9a-f]{64})?$/.exec(image.reference)?.[1];
  const hint = `${image.variable}: name:1.2.3`;
  if (tag === undefined) return [{ code: "image-untagged", at: image.at, message: `${image.reference} has no tag`, hint }];
  if (tag === "latest") return [{ code: "image-latest", at: image.at, message: `${image.reference} is another image tomorrow`, hint }];
  if (!/\d/.test(tag)) return [{ code: "image-untagged", at: image.at, message: `the tag of ${image.reference} names no version`, hint }];
  return [];
}

function checkCycles(plan: StackPlan): readonly Problem[] {
  const done = new Set<string>();
  const walk = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    done.add(name);
    const service = plan.services.find((one) => one.name === name);
    for (const dependency of service?.dependsOn ?? []) {
      const cycle = walk(dependency.service, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    return undefined;
  };
  for (const service of plan.services) {
    const cycle = walk(service.name, []);
    if (cycle !== undefined)
      return [
        {
          code: "depends-cycle",
          at: service.at,
          message: `services wait for each other: ${cycle.join(" → ")}`,
          hint: "wait: false at one of the flows",
        },
      ];
  }
  return [];
}

/** The engine has one place to send lines to, by one port. */
function checkCollectors(plan: StackPlan): readonly Problem[] {
  return plan.services
    .filter((service) => service.collectsLogs !== undefined)
    .slice(1)
    .map((service) => ({
      code: "logs-two-collectors",
      at: service.at,
      message: `${service.name} is the second service that collects logs`,
      hint: "collectsLogs at one service; it may send lines on to others",
    }));
}
