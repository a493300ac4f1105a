import { OUTSIDE, type PlanService, type StackPlan } from "@breakwater/model";

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

/** The services without the copies that wait for a deploy: what somebody sees running. */
export function servingOf(plan: StackPlan): readonly PlanService[] {
  return plan.services.filter(({ copy }) => copy?.standby !== true);
}

/** The flows as a tree, for terminals: each service once with what it calls below it, without the copies that wait for a deploy. */
export function diagramText(plan: StackPlan): string {
  const services = servingOf(plan).map(({ name }) => name);
  const known = new Set([...outsideOf(plan), ...services]);
  const flows = plan.flows.filter(({ from, to }) => known.has(from) && known.has(to));
  const shown = new Set<string>();
  const lines: string[] = [];
  const below = (name: string, indent: string) => {
    if (shown.has(name)) return;
    shown.add(name);
    const next = flows.filter((flow, index) => flow.from === name && flows.findIndex(({ from, to }) => from === name && to === flow.to) === index);
    for (const [index, flow] of next.entries()) {
      const last = index === next.length - 1;
      lines.push(`${indent}${last ? "└─" : "├─"} ${flow.to}:${flow.port}  (${flow.over.join(", ")})`);
      below(flow.to, `${indent}${last ? "   " : "│  "}`);
    }
  };
  for (const name of [...outsideOf(plan), ...services]) {
    if (shown.has(name)) continue;
    lines.push(name);
    below(name, "   ");
  }
  return `${lines.join("\n")}\n`;
}
