import { type Cell, openCells, type StackPlan } from "@breakwater/model";

import { diagramMermaid } from "./diagram.ts";

/** What the emitters here write themselves, beside the pages of stack and parts. */
const SPELLED = [
  { path: "docs/architecture/limits.md", answers: "memory and processors that each service may use, added up" },
  { path: "docs/architecture/network.md", answers: "networks, who may call whom, what the host shows" },
  { path: "docs/controls.md", answers: "what the project promises, the file that keeps it, the test that proves it" },
  { path: "docs/security/exceptions.md", answers: "hardening that a service does not take, with the reason" },
];

/** docs/README.md: every page and what it answers, those of the first level first. */
export function emitDocsIndex(plan: StackPlan): string {
  const depth = (path: string) => path.split("/").length;
  const pages = [...plan.pages, ...SPELLED]
    .map(({ path, answers }) => ({ path: path.slice("docs/".length), answers }))
    .toSorted((a, b) => Math.min(depth(a.path), 2) - Math.min(depth(b.path), 2) || (a.path < b.path ? -1 : 1));
  const first = [
    ["operations/start.md", "the first production start"],
    ["development.md", "development"],
  ].filter(([path]) => pages.some((page) => page.path === path));
  const start = first.length === 0 ? "" : `Start with ${first.map(([path, title]) => `[${title}](${path})`).join(", or with ")}.\n\n`;
  return `# Documents

${start}${table(
    ["document", "what it answers"],
    [...pages.map(({ path, answers }) => [`[${path}](${path})`, answers]), ["[../ops/README.md](../ops/README.md)", "the scripts"]],
  )}`;
}

/** docs/architecture/network.md: diagram, networks, flows, the matrix, and what the host shows. */
export function emitNetworkDoc(plan: StackPlan): string {
  return `# Network

Drawn from the plan of this project. \`ops/isolation\` runs every cell of the matrix on the running stack.

![Who may call whom](network.svg)

\`\`\`mermaid
${diagramMermaid(plan)}\`\`\`

## Networks

${table(
  ["network", "internal", "members", "why"],
  plan.networks.map((network) => [
    code(network.name),
    network.internal ? "yes" : "**no**",
    plan.services
      .filter((service) => service.networks.includes(network.name))
      .map((service) => code(service.name))
      .join(", "),
    network.why,
  ]),
)}
## Flows

${table(
  ["from", "to", "over", "why"],
  plan.flows.map((flow) => [code(flow.from), code(`${flow.to}:${flow.port}`), flow.over.map(code).join(", "), flow.why]),
)}
## Matrix

Rows call columns. \`open\`: a flow. \`·\`: closed, and proven closed by name and by address.${plan.reaches.length > 0 ? " `(open)`: reachable without a flow, accepted for the reason below." : ""}

${matrixTable(plan)}
${
  plan.reaches.length > 0
    ? `${table(
        ["reachable without a flow", "accepted because"],
        plan.reaches.map((reach) => [`${code(reach.from)} → ${code(reach.to)}`, reach.why]),
      )}\n`
    : ""
}## Attack surface

What each file publishes on the host. Nothing else is reachable from outside.

${table(["file", "service", "address", "host port", "container port"], surface(plan))}`;
}

/** Wider than this, nobody reads a table; the flows above say the same. */
const WIDEST_MATRIX = 40;

function matrixTable(plan: StackPlan): string {
  const targets = plan.services.flatMap((service) => service.listens.map(({ port }) => ({ service: service.name, port }))).toSorted(byTarget);
  if (targets.length > WIDEST_MATRIX) return `${targets.length} ports make a table too wide to read: what is not a flow above is closed.\n`;
  const open = new Map(openCells(plan).map((cell) => [`${cell.from} ${cell.to}:${cell.port}`, cell]));
  const rows = plan.services.map((from) => [
    code(from.name),
    ...targets.map((to) => (to.service === from.name ? "" : mark(open.get(`${from.name} ${to.service}:${to.port}`)))),
  ]);
  return table(["", ...targets.map(({ service, port }) => code(`${service}:${port}`))], rows);
}

function byTarget(a: { readonly service: string; readonly port: number }, b: typeof a): number {
  const [left, right] = [`${a.service}:${a.port}`, `${b.service}:${b.port}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

function mark(cell: Cell | undefined): string {
  if (cell === undefined) return "·";
  return cell.exposed ? "(open)" : "open";
}

function surface(plan: StackPlan): readonly (readonly string[])[] {
  const files = { base: "compose.yaml", development: "compose.override.yaml", production: "compose.production.yaml" } as const;
  return plan.services
    .flatMap((service) =>
      service.publishes.map((publish) => [
        code(files[publish.scope]),
        code(service.name),
        publish.address === "loopback" ? "127.0.0.1" : "all",
        `${publish.port} (\`${publish.variable}\`)`,
        String(publish.container),
      ]),
    )
    .toSorted(([a = ""], [b = ""]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** docs/controls.md: claim → file that does it → test that proves it. */
export function emitControlsDoc(plan: StackPlan): string {
  return `# Controls

What this project promises, the file that keeps the promise, and the test that proves it. The tests live in the
generator's conformance suite; \`ops/isolation\`, \`ops/secrets check\` and \`ops/tls check\` repeat the main ones here.

${table(
  ["id", "claim", "kept by", "proven by"],
  plan.controls.map((control) => [control.id, control.claim, code(control.file), control.test]),
)}`;
}

/** docs/security/exceptions.md: hardening a service does not take, each with its reason. */
export function emitExceptionsDoc(plan: StackPlan): string {
  const rows = plan.services.flatMap((service) =>
    service.exceptions.map((exception) => [code(service.name), exception.control, code(exception.value), exception.why]),
  );
  const body =
    rows.length === 0
      ? "None: every service runs as a numeric non-root user with zero capabilities, no-new-privileges and a read-only root.\n"
      : table(["service", "control", "value", "why"], rows);
  return `# Exceptions from the hardening

${body}`;
}

/** A Markdown table; pipes in cells are escaped. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return `${[line(columns), `|${columns.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n")}\n`;
}

export function code(text: string): string {
  return `\`${text}\``;
}
