import { type Flow, OUTSIDE, type PlanService, type StackPlan } from "../plan.ts";
import type { Problem } from "../problem.ts";

/** One cell of the matrix: `from` may open a connection to this port of `to`. */
export interface Cell {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly expect: "open";
  readonly why: string;
  /** They share a network on which the port is listened to, without a flow. */
  readonly exposed: boolean;
}

/**
 * The open cells: every flow between services, and every port that can be reached without one. What is not here is closed.
 * Walks networks and flows, not pairs of services: large plans have few of the former and very many of the latter.
 */
export function openCells(plan: StackPlan): readonly Cell[] {
  const cells = new Map<string, Cell>();
  const reasons = new Map(plan.reaches.map((reach) => [`${reach.from}\0${reach.to}`, reach.why]));
  const services = new Map(plan.services.map((service) => [service.name, service]));
  const carrying = new Map<string, Set<string>>();
  const members = new Map<string, PlanService[]>();
  for (const flow of plan.flows) {
    const key = `${flow.to}\0${flow.port}`;
    carrying.set(key, new Set([...(carrying.get(key) ?? []), ...flow.over]));
    const listened = services.get(flow.to)?.listens.some((listen) => listen.port === flow.port) === true;
    if (!services.has(flow.from) || !listened) continue;
    cells.set(`${flow.from}\0${key}`, { from: flow.from, to: flow.to, port: flow.port, expect: "open", why: flow.why, exposed: false });
  }
  for (const service of plan.services) for (const network of service.networks) members.set(network, [...(members.get(network) ?? []), service]);
  for (const [network, on] of members)
    for (const to of on)
      for (const { port, bind } of to.listens) {
        if (bind === "callers" && carrying.get(`${to.name}\0${port}`)?.has(network) === false) continue;
        for (const from of on) {
          const key = `${from.name}\0${to.name}\0${port}`;
          if (from === to || cells.has(key)) continue;
          cells.set(key, { from: from.name, to: to.name, port, expect: "open", why: reasons.get(`${from.name}\0${to.name}`) ?? "", exposed: true });
        }
      }
  return [...cells].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, cell]) => cell);
}

/** Flows with two known ends that share a network and meet a listener; reaches that are flows or explained. */
export function checkReach(plan: StackPlan): readonly Problem[] {
  return [...plan.flows.flatMap((flow) => checkFlow(flow, plan)), ...unexplained(plan), ...stale(plan)];
}

function checkFlow(flow: Flow, plan: StackPlan): readonly Problem[] {
  const at = flow.at;
  const target = plan.services.find((service) => service.name === flow.to);
  const source = plan.services.find((service) => service.name === flow.from);
  if (target === undefined || (source === undefined && !OUTSIDE.includes(flow.from)))
    return [
      {
        code: "flow-unknown-service",
        at,
        message: `the flow ${flow.from} → ${flow.to} has an end that is no service of this project`,
        hint: "name a role or a capability that some service provides",
      },
    ];
  const unknown = flow.over.filter((name) => !plan.networks.some((network) => network.name === name));
  if (unknown.length > 0)
    return [
      {
        code: "flow-unknown-network",
        at,
        message: `the flow ${flow.from} → ${flow.to} runs over '${unknown.join(", ")}', which is no network`,
        hint: "add the tier to a network of the stack",
      },
    ];
  const shared = flow.over.filter((name) => target.networks.includes(name) && (source === undefined || source.networks.includes(name)));
  if (shared.length === 0)
    return [
      {
        code: "flow-no-shared-network",
        at,
        message: `${flow.from} and ${flow.to} share no network for their flow`,
        hint: `put ${flow.to} on a tier: networks: [...]`,
      },
    ];
  if (!target.listens.some((listen) => listen.port === flow.port))
    return [
      {
        code: "flow-port-not-listened",
        at,
        message: `${flow.to} does not listen on ${flow.port}`,
        hint: `listens: [{port: ${flow.port}}] at ${flow.to}, or another port in the flow`,
      },
    ];
  return [];
}

function unexplained(plan: StackPlan): readonly Problem[] {
  return openCells(plan)
    .filter((cell) => cell.exposed && cell.why === "")
    .map((cell) => ({
      code: "reach-unexplained",
      at: plan.services.find((service) => service.name === cell.to)?.at ?? "",
      message: `${cell.from} can reach ${cell.to}:${cell.port} and no flow says so`,
      hint: "bind it to its callers (listens: bind: callers), split the network, or list the reach with its reason",
    }));
}

function stale(plan: StackPlan): readonly Problem[] {
  const cells = openCells(plan);
  return plan.reaches
    .filter((reach) => !cells.some((cell) => cell.exposed && cell.from === reach.from && cell.to === reach.to))
    .map((reach) => ({
      code: "reach-stale",
      at: reach.at,
      message: `${reach.from} cannot reach ${reach.to} any more, yet a reason is listed`,
      hint: "delete the line",
    }));
}
