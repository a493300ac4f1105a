import type { StackPlan } from "../plan.ts";
import type { Problem } from "../problem.ts";
import { checkHosts } from "./hosts.ts";
import { checkNames } from "./names.ts";
import { checkReach } from "./reach.ts";
import { checkSecrets } from "./secrets.ts";
import { checkServices } from "./services.ts";

/** Every problem of a plan, by place; empty means: it may be spelled. */
export function checkPlan(plan: StackPlan): readonly Problem[] {
  return [...checkNames(plan), ...checkServices(plan), ...checkReach(plan), ...checkHosts(plan), ...checkSecrets(plan)].toSorted((a, b) =>
    a.at === b.at ? (a.code < b.code ? -1 : a.code > b.code ? 1 : 0) : a.at < b.at ? -1 : 1,
  );
}
