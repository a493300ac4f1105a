import type { PlanSecret, StackPlan } from "../plan.ts";
import type { Problem } from "../problem.ts";

/** A secret has a provider and a consumer, and never travels in an environment variable. */
export function checkSecrets(plan: StackPlan): readonly Problem[] {
  const problems: Problem[] = [];
  for (const service of plan.services) {
    for (const name of service.secrets)
      if (!plan.secrets.some((secret) => secret.name === name))
        problems.push({
          code: "secret-no-provider",
          at: service.at,
          message: `${service.name} reads the secret '${name}', which nobody provides`,
          hint: `declare it: secrets: {${name}: {why: ...}}`,
        });
    const environments = [service.environment, service.development.environment, service.production.environment];
    for (const [key, value] of environments.flatMap((environment) => Object.entries(environment)))
      if (looksSecret(key) && value !== "")
        problems.push({
          code: "secret-in-environment",
          at: service.at,
          message: `${service.name} has ${key} in its environment, where docker inspect shows it`,
          hint: `declare a secret and pass ${key}_FILE: /run/secrets/...`,
        });
  }
  for (const secret of plan.secrets) {
    const derivedFrom = plan.secrets.some((other) => other.derive?.from === secret.name);
    if (secret.consumers.length === 0 && !derivedFrom)
      problems.push({
        code: "secret-no-consumer",
        at: secret.at,
        message: `nobody reads the secret '${secret.name}'`,
        hint: "delete it, or list it at the service that needs it",
      });
    if (secret.derive !== undefined && !plan.secrets.some((other) => other.name === secret.derive?.from))
      problems.push({
        code: "secret-no-provider",
        at: secret.at,
        message: `'${secret.name}' is derived from '${secret.derive.from}', which is no secret`,
        hint: "from: a declared secret",
      });
    if (secret.owner?.includes(",") === true)
      problems.push({
        code: "secret-owners",
        at: secret.at,
        message: `'${secret.name}' is for its owner only, and services of several users read it (${secret.owner})`,
        hint: "ownerOnly: only where all consumers run as one user",
      });
    problems.push(...checkRotation(secret, plan));
    if (secret.provider !== "file" && !plan.services.some((service) => service.name === secret.provider))
      problems.push({
        code: "secret-no-provider",
        at: secret.at,
        message: `'${secret.name}' should come from '${secret.provider}', which is no service`,
        hint: "provide: {from: a service of this project}",
      });
  }
  return problems;
}

/** What `ops/secrets rotate` will look for must be there: the service that holds the value, and who may change it. */
function checkRotation(secret: PlanSecret, plan: StackPlan): readonly Problem[] {
  const { rotate } = secret;
  const missing = (message: string, hint: string): Problem => ({ code: "rotate-unknown", at: secret.at, message, hint });
  if (rotate.by === "file") return [];
  const problems: Problem[] = [];
  if (!plan.services.some((service) => service.name === rotate.at))
    problems.push(missing(`'${secret.name}' is rotated at '${rotate.at}', which is no service`, "at: a role or a capability of a service"));
  if (rotate.by === "postgres-role" && plan.secrets.find((other) => other.name === rotate.as)?.rotate.by !== "postgres-role")
    problems.push(
      missing(`'${secret.name}' is changed as '${rotate.as}', which is no secret of a role`, "as: the secret of a role that may change passwords"),
    );
  return problems;
}

/** True for names of variables that hold a secret's value; a path to one (`…_FILE`) is none. */
export function looksSecret(name: string): boolean {
  return (
    /(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)/.test(name.toUpperCase()) &&
    !/_(FILE|PATH|DIR|VARIABLE|LENGTH|TTL|AGE)$/.test(name.toUpperCase())
  );
}
