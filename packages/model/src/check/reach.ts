import type { Flow, PlanService, StackPlan } from "../plan.ts";
import type { Problem } from "../problem.ts";
import { listenAddresses } from "../resolve/services.ts";

/** One cell of the matrix: may `from` open a connection to this port of `to`? */
export interface Cell {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly expect: "open" | "closed";
  readonly why: string;
  /** They share a network on which the port is listened to, without a flow. */
  readonly exposed: boolean;
}

/** All ordered pairs of services times the ports of the callee: what the isolation check runs. */
export function matrixOf(plan: StackPlan): readonly Cell[] {
  return plan.services.flatMap((from) =>
    plan.services
      .filter((to) => to.name !== from.name)
      .flatMap((to) =>
        to.listens.map((listen): Cell => {
          const flow = plan.flows.find((one) => one.from === from.name && one.to === to.name && one.port === listen.port);
          const reachable = exposure(from, to, listen.port, plan);
          const reason = plan.reaches.find((reach) => reach.from === from.name && reach.to === to.name);
          const cell = { from: from.name, to: to.name, port: listen.port };
          if (flow !== undefined) return { ...cell, expect: "open", why: flow.why, exposed: false };
          if (reachable.length > 0) return { ...cell, expect: "open", why: reason?.why ?? "", exposed: true };
          return { ...cell, expect: "closed", why: closedWhy(from, to), exposed: false };
        }),
      ),
  );
}

function closedWhy(from: PlanService, to: PlanService): string {
  return from.networks.some((network) => to.networks.includes(network)) ? "listens only on its callers' network" : "no network in common";
}

/** The shared networks on which the port of `to` can be reached by `from`. */
function exposure(from: PlanService, to: PlanService, port: number, plan: StackPlan): readonly string[] {
  const shared = from.networks.filter((network) => to.networks.includes(network));
  const bound = listenAddresses(to, port, plan.flows);
  return bound.length === 0 ? shared : shared.filter((network) => bound.includes(`${to.name}.${network}`));
}

/** Flows with two known ends that share a network and meet a listener; reaches that are flows or explained. */
export function checkReach(plan: StackPlan): readonly Problem[] {
  return [...plan.flows.flatMap((flow) => checkFlow(flow, plan)), ...unexplained(plan), ...stale(plan)];
}

function checkFlow(flow: Flow, plan: StackPlan): readonly Problem[] {
  const at = flow.at;
  const target = plan.services.find((service) => service.name === flow.to);
  const source = plan.services.find((service) => service.name === flow.from);
  if (target === undefined || (source === undefined && flow.from !== "internet"))
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
  return matrixOf(plan)
    .filter((cell) => cell.exposed && cell.why === "")
    .map((cell) => ({
      code: "reach-unexplained",
      at: plan.services.find((service) => service.name === cell.to)?.at ?? "",
      message: `${cell.from} can reach ${cell.to}:${cell.port} and no flow says so`,
      hint: "bind it to its callers (listens: bind: callers), split the network, or list the reach with its reason",
    }));
}

function stale(plan: StackPlan): readonly Problem[] {
  const cells = matrixOf(plan);
  return plan.reaches
    .filter((reach) => !cells.some((cell) => cell.exposed && cell.from === reach.from && cell.to === reach.to))
    .map((reach) => ({
      code: "reach-stale",
      at: reach.at,
      message: `${reach.from} cannot reach ${reach.to} any more, yet a reason is listed`,
      hint: "delete the line",
    }));
}
