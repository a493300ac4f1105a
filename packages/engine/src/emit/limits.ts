import type { PlanService, StackPlan } from "@breakwater/model";

import { memoryMib } from "./data.ts";
import { code, table } from "./docs.ts";

/** docs/architecture/limits.md: what each service may use at most, and all of it added up. */
export function emitLimitsDoc(plan: StackPlan): string {
  const runs = plan.services.filter((service) => kindOf(service) === "runs");
  const standby = plan.services.filter((service) => kindOf(service) === "stands by");
  const sum = (services: readonly PlanService[]) => services.reduce((total, { limits }) => total + memoryMib(limits), 0);
  const cpus = runs.reduce((total, { limits }) => total + Number(limits?.cpus ?? 0), 0);
  const largest = Math.max(0, ...unitsOf(standby).map(sum));
  return `# Limits

What each service may use at most. A service that wants more memory is ended and started again; the others go on.

| | memory |
|---|---|
| everything that runs | **${sum(runs)} MiB**, ${runs.length} services |
| the copies that stand by, when all were deployed once | ${sum(standby)} MiB on top |
| the most that one deploy adds to what runs | ${largest} MiB |

Limits, not what is used: most services need a part of theirs, and \`docker stats --no-stream\` shows it. Processors are shares of a moment (${cpus.toFixed(2)} together): a host with fewer is slower, not full.

${table(
  ["service", "memory", "cpus", "pids", "when"],
  plan.services.map((service) => [
    code(service.name),
    `${memoryMib(service.limits)} MiB`,
    service.limits?.cpus ?? "-",
    String(service.limits?.pids ?? "-"),
    kindOf(service),
  ]),
)}`;
}

function kindOf(service: PlanService): "runs" | "stands by" | "runs once" | "on demand" {
  if (service.onDemand) return "on demand";
  if (service.oneShot) return "runs once";
  return service.copy?.standby === true ? "stands by" : "runs";
}

/** What is deployed together. */
function unitsOf(services: readonly PlanService[]): readonly (readonly PlanService[])[] {
  const names = [...new Set(services.map(({ copy }) => copy?.unit))];
  return names.map((name) => services.filter(({ copy }) => copy?.unit === name));
}
