import { type Flow, OUTSIDE, type PlanService, type StackPlan } from "@breakwater/model";

/** The flows as a Mermaid flowchart: a subgraph for each network with a way out, arrows with ports. */
export function diagramMermaid(plan: StackPlan): string {
  const nodes = plan.services.map((service) => `  ${id(service.name)}["${service.name}${service.oneShot ? " (once)" : ""}"]`);
  const arrows = plan.flows.map((flow) => `  ${id(flow.from)} -->|"${flow.over.join(", ")} :${flow.port}"| ${id(flow.to)}`);
  return ["flowchart LR", ...outsideOf(plan).map((name) => `  ${name}(["${name}"])`), ...nodes, ...arrows, ""].join("\n");
}

/** The sources that are no service, as far as something comes from them. */
export function outsideOf(plan: StackPlan): readonly string[] {
  return OUTSIDE.filter((name) => name === "internet" || plan.flows.some((flow) => flow.from === name));
}

function id(name: string): string {
  return name.replaceAll("-", "_");
}

/** How far each service stands from the internet: 0 is the edge. What nobody calls stands beside its callees' callers. */
function ranksOf(plan: StackPlan): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  const visit = (name: string, rank: number, path: readonly string[]) => {
    if (path.includes(name) || (ranks.get(name) ?? -1) >= rank) return;
    ranks.set(name, rank);
    for (const flow of plan.flows) if (flow.from === name) visit(flow.to, rank + 1, [...path, name]);
  };
  for (const flow of plan.flows) if (flow.from === "internet") visit(flow.to, 0, []);
  for (const service of plan.services) if (!plan.flows.some((flow) => flow.to === service.name)) visit(service.name, 1, []);
  for (const service of plan.services) if (!ranks.has(service.name)) ranks.set(service.name, 1);
  return ranks;
}

/** Columns of services by rank, each sorted by name. */
export function columnsOf(plan: StackPlan): readonly (readonly PlanService[])[] {
  const ranks = ranksOf(plan);
  const last = Math.max(0, ...ranks.values());
  return Array.from({ length: last + 1 }, (_, rank) => plan.services.filter((service) => ranks.get(service.name) === rank)).filter(
    (column) => column.length > 0,
  );
}

/** The flows as indented text, for terminals: each service once, what it calls below it. */
export function diagramText(plan: StackPlan): string {
  const shown = new Set<string>();
  const lines: string[] = [];
  const show = (name: string, flow: Flow | undefined, depth: number) => {
    const label = flow === undefined ? name : `└─ ${name}:${flow.port}  (${flow.over.join(", ")})`;
    lines.push(`${"   ".repeat(depth)}${label}`);
    if (shown.has(name)) return;
    shown.add(name);
    const seen = new Set<string>();
    for (const next of plan.flows) {
      if (next.from !== name || seen.has(next.to)) continue;
      seen.add(next.to);
      show(next.to, next, depth + 1);
    }
  };
  for (const name of outsideOf(plan)) show(name, undefined, 0);
  for (const service of plan.services) if (!shown.has(service.name)) show(service.name, undefined, 0);
  return `${lines.join("\n")}\n`;
}
