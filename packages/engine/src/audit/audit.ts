import type { Problem } from "@breakwater/model";

import { brokenAllows, isAllowed } from "./allow.ts";
import { loadConfiguration, resolvePath } from "./load/compose.ts";
import { textOf, type Tree, valueAt } from "./load/tree.ts";
import { type RuleId, RULES } from "./rules/catalogue.ts";
import { files, tlsProtocols } from "./rules/files.ts";
import { health, limits, mounts, privileges, stays, user } from "./rules/hardening.ts";
import { dockerfileImages, images } from "./rules/images.ts";
import { networks } from "./rules/networks.ts";
import { hostNamespaces, publishedPorts } from "./rules/published.ts";
import { secretConsumers, secretFiles, secretsInBuilds, secretsInCommands, secretsInDockerfile, secretsInEnvironment } from "./rules/secrets.ts";
import { type ServiceView, viewsOf } from "./service.ts";
import type { AuditInput, AuditResult, Finding, Found } from "./words.ts";

const SERVICE_RULES: readonly ((view: ServiceView) => readonly Found[])[] = [
  publishedPorts,
  hostNamespaces,
  privileges,
  user,
  limits,
  health,
  stays,
  mounts,
  secretsInEnvironment,
  secretsInCommands,
  secretsInBuilds,
  secretConsumers,
  images,
];

/**
 * Holds a Compose project against the rules. Reads each configuration as Compose merges it; a finding that several
 * configurations share is told once. Sorted by file and line. `problems` (`yaml-invalid`, `compose-invalid`,
 * `compose-file-missing`) say what could not be read.
 */
export function auditProject(input: AuditInput): AuditResult {
  const found: Found[] = [...files(input), ...tlsProtocols(input), ...brokenAllows(input)];
  const problems: Problem[] = [];
  const dockerfiles = new Set<string>();
  for (const configuration of input.configurations) {
    const loaded = loadConfiguration(input, configuration);
    if (!loaded.ok) {
      problems.push(...loaded.problems);
      continue;
    }
    const { merged } = loaded;
    const views = viewsOf(merged, input);
    found.push(...merged.found, ...networks(views, merged.root, input.record), ...secretFiles(merged.root, input));
    for (const view of views) {
      for (const rule of SERVICE_RULES) found.push(...rule(view).filter(({ rule: id }) => !isPlannedException(view, id)));
      const dockerfile = dockerfileOf(view.tree);
      if (dockerfile !== undefined) dockerfiles.add(dockerfile);
    }
  }
  for (const path of dockerfiles) {
    const text = input.files.get(path)?.text;
    if (text !== undefined) found.push(...dockerfileImages(path, text), ...secretsInDockerfile(path, text));
  }
  const allowed = found.filter((one) => isAllowed(one, input));
  return {
    findings: told(found.filter((one) => !allowed.includes(one))),
    allowed: told(allowed),
    problems: [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()],
  };
}

/** Exceptions from hardening that the plan itself makes, with its reason in docs/security/exceptions.md. */
const CONTROLS: Readonly<Record<string, string>> = { "writable-root": "read-only", capabilities: "capability" };

function isPlannedException(view: ServiceView, rule: string): boolean {
  return view.record?.exceptions.some(({ service, control }) => service === view.name && control === CONTROLS[rule]) === true;
}

function dockerfileOf(service: Tree): string | undefined {
  const context = valueAt(service, "build", "context");
  const path = textOf(context);
  if (path === undefined || context === undefined || /^[a-z]+:\/\/|^git@/.test(path)) return undefined;
  const file = textOf(valueAt(service, "build", "dockerfile")) ?? "Dockerfile";
  return file.startsWith("/") ? undefined : resolvePath(context.at.file, `${path}/${file}`);
}

function told(found: readonly Found[]): readonly Finding[] {
  const order = found.toSorted((a, b) => {
    const [left, right] = [a.at[0], b.at[0]];
    return (
      compare(left?.file ?? "", right?.file ?? "") ||
      (left?.line ?? 0) - (right?.line ?? 0) ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message)
    );
  });
  const findings = order.map(({ rule, at, message, hint }): Finding => {
    const { severity, mend } = RULES[rule as RuleId];
    return { code: rule, severity, at: at[0] === undefined ? "" : `${at[0].file}:${at[0].line}`, message, hint: hint ?? mend };
  });
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.at} ${finding.message}`, finding])).values()];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
