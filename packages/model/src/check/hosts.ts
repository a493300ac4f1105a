import type { PlanService, Publish, StackPlan } from "../plan.ts";
import type { Problem } from "../problem.ts";
import { overlaps, parseSubnet } from "./subnet.ts";

/** What touches the host: published ports and subnets. */
export function checkHosts(plan: StackPlan): readonly Problem[] {
  return [
    ...plan.services.flatMap((service) => service.publishes.flatMap((publish) => checkPublish(service, publish, plan))),
    ...duplicatePorts(plan),
    ...checkSubnets(plan),
  ];
}

function checkPublish(service: PlanService, publish: Publish, plan: StackPlan): readonly Problem[] {
  const what = `${service.name} publishes ${publish.container}`;
  const forEngine = publish.container === service.collectsLogs?.port && publish.address === "loopback";
  if (publish.scope !== "development" && service.role !== "edge" && !forEngine)
    return [
      {
        code: "publish-not-edge",
        at: publish.at,
        message: `${what}; only the edge may, outside development`,
        hint: "move it to development.publish, or route it through the edge",
      },
    ];
  if (publish.scope === "development" && publish.address !== "loopback")
    return [{ code: "publish-not-loopback", at: publish.at, message: `${what} to every address in development`, hint: "address: loopback" }];
  if (!service.listens.some((listen) => listen.port === publish.container))
    return [
      { code: "publish-not-listened", at: publish.at, message: `${what}, where it does not listen`, hint: `listens: [{port: ${publish.container}}]` },
    ];
  const outward = plan.networks.filter((network) => !network.internal && service.networks.includes(network.name));
  if (publish.scope !== "development" && outward.length > 1)
    return [
      {
        code: "publish-ambiguous",
        at: publish.at,
        message: `${what}, and is on ${outward.map((network) => network.name).join(" and ")}: the engine chooses on which of them the port arrives`,
        hint: "make all but one of them internal",
      },
    ];
  if (publish.scope !== "development" && outward.length === 0)
    return [
      {
        code: "publish-on-internal",
        at: publish.at,
        message: `${what}, but is only on internal networks: the engine would publish nothing and say nothing`,
        hint: "put it on a network with internal: false",
      },
    ];
  return [];
}

function duplicatePorts(plan: StackPlan): readonly Problem[] {
  const all = plan.services.flatMap((service) => service.publishes.map((publish) => ({ service: service.name, publish })));
  return all.flatMap(({ service, publish }, index) => {
    const before = all
      .slice(0, index)
      .find((other) => other.publish.scope === publish.scope && (other.publish.port === publish.port || other.publish.variable === publish.variable));
    if (before === undefined) return [];
    return [
      {
        code: "port-duplicate",
        at: publish.at,
        message: `${service} and ${before.service} both publish ${publish.port} (${publish.variable}) in ${publish.scope}`,
        hint: "give one of them another port and variable",
      },
    ];
  });
}

function checkSubnets(plan: StackPlan): readonly Problem[] {
  const problems: Problem[] = [];
  const known: { readonly name: string; readonly range: readonly [number, number] }[] = [];
  for (const network of plan.networks) {
    if (network.subnet === undefined) continue;
    const range = parseSubnet(network.subnet);
    if (range === undefined) {
      problems.push({
        code: "subnet-invalid",
        at: network.at,
        message: `${network.name}: '${network.subnet}' is no private IPv4 network`,
        hint: "like 10.201.4.0/24: host bits zero, /8 to /29, inside 10/8, 172.16/12 or 192.168/16",
      });
      continue;
    }
    const other = known.find((candidate) => overlaps(candidate.range, range));
    if (other !== undefined)
      problems.push({
        code: "subnet-overlap",
        at: network.at,
        message: `${network.name} and ${other.name} overlap in ${network.subnet}`,
        hint: "give each network its own range",
      });
    known.push({ name: network.name, range });
  }
  return problems;
}
