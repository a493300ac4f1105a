import { checkProjectName } from "../names.ts";
import type { StackPlan } from "../plan.ts";
import type { Problem } from "../problem.ts";
import { DNS_LABEL, ENV_NAME, SECRET_NAME } from "../patterns.ts";

/** Names are valid in every place they end up in, and a project's parts do not claim the same one. */
export function checkNames(plan: StackPlan): readonly Problem[] {
  const problems: Problem[] = [...checkProjectName(plan.project.name)];
  const wrong = (kind: string, name: string, at: string, hint: string) =>
    problems.push({ code: "name-invalid", at, message: `'${name}' is no valid name of a ${kind}`, hint });
  for (const service of plan.services) {
    if (!DNS_LABEL.test(service.name))
      wrong("service", service.name, service.at, "it becomes a host name: a-z, 0-9 and -, at most 63, starting with a letter");
    for (const key of Object.keys(service.environment)) if (!ENV_NAME.test(key)) wrong("variable", key, service.at, "A-Z, 0-9 and _");
  }
  for (const network of plan.networks)
    if (!DNS_LABEL.test(network.name)) wrong("network", network.name, network.at, "it becomes part of a host name: a-z, 0-9 and -");
  for (const volume of plan.volumes)
    if (!/^[a-z][a-z0-9_-]+$/.test(volume.name))
      wrong("volume", volume.name, volume.at, "two characters or more (Compose takes one letter for a Windows drive): a-z, 0-9, _ and -");
  for (const secret of plan.secrets) if (!SECRET_NAME.test(secret.name)) wrong("secret", secret.name, secret.at, "it becomes a file: a-z, 0-9 and _");
  for (const variable of plan.variables) if (!ENV_NAME.test(variable.name)) wrong("variable", variable.name, variable.at, "A-Z, 0-9 and _");

  const seen = new Map<string, string>();
  for (const service of plan.services) {
    const other = seen.get(service.name);
    if (other !== undefined)
      problems.push({
        code: "service-duplicate",
        at: service.at,
        message: `${service.part} and ${other} both bring a service '${service.name}'`,
        hint: "rename one of them",
      });
    seen.set(service.name, service.part);
  }
  return problems;
}
