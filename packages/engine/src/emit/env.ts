import { assertNever, type PlanVariable, type StackPlan } from "@breakwater/model";

import { subnetVariable } from "./compose.ts";
import { quoteEnv } from "../render/quote.ts";

/** .env.example: every variable the Compose files read, with its default and its why. Never a secret. */
export function emitEnv(plan: StackPlan): string {
  const ports = plan.services.flatMap((service) => service.publishes.map((publish) => ({ service, publish })));
  const seen = new Set<string>();
  const portVariables = ports.flatMap(({ service, publish }): PlanVariable[] => {
    if (seen.has(publish.variable)) return [];
    seen.add(publish.variable);
    return [
      {
        name: publish.variable,
        value: String(publish.port),
        optional: true,
        why: `${service.name}: ${whyPort(publish.scope, ports.filter((other) => other.publish.variable === publish.variable).length)}`,
        at: publish.at,
      },
    ];
  });
  const subnets = plan.networks.flatMap((network): PlanVariable[] =>
    network.subnet === undefined ? [] : [{ name: subnetVariable(network.name), value: network.subnet, optional: true, why: "", at: network.at }],
  );
  const images = plan.images.map((image): PlanVariable => ({ name: image.variable, value: image.reference, optional: true, why: "", at: image.at }));
  return [
    "# Settings of this instance. ops/up copies this file to .env when there is none; .env is not for git.",
    "# No secret belongs here: they are files (ops/secrets list).",
    "",
    ...plan.variables.flatMap(linesOf),
    "# Ports on this host.",
    "",
    ...portVariables.flatMap(linesOf),
    ...(subnets.length === 0
      ? []
      : ["# Subnets, so that a firewall may know them. Another one where this one is taken; ops/instance moves them for a second instance."]),
    ...subnets.flatMap(linesOf),
    ...(subnets.length === 0 ? [] : [""]),
    "# Base images, exact tags. ops/pin adds digests where a registry is reachable.",
    ...images.flatMap(linesOf),
    "",
  ].join("\n");
}

function whyPort(scope: "base" | "development" | "production", uses: number): string {
  if (uses > 1) return "production publishes this port; development uses 8080 on 127.0.0.1 unless this is set";
  switch (scope) {
    case "base":
      return "every environment";
    case "development":
      return "development only, on 127.0.0.1";
    case "production":
      return "production only";
    default:
      return assertNever(scope);
  }
}

function linesOf(variable: PlanVariable): readonly string[] {
  const setting = `${variable.optional ? "#" : ""}${variable.name}=${quoteEnv(variable.value)}`;
  return variable.why === "" ? [setting] : [`# ${variable.why}`, setting, ""];
}
