import { RULES } from "./rules/catalogue.ts";
import type { AuditInput, Found, Place } from "./words.ts";

const ALLOW = /#.*?\bbreakwater: allow\s+([\w-]+)[\s:,–—-]*(.*?)\s*$/;

/** True where a comment on a line of the finding, or right above one, allows its rule and says why. */
export function isAllowed(found: Found, input: AuditInput): boolean {
  return found.at.some((place) => commentsAt(place, input).some(([rule, reason]) => rule === found.rule && reason !== ""));
}

function commentsAt({ file, line }: Place, input: AuditInput): readonly (readonly [string, string])[] {
  const lines = input.files.get(file)?.text.split("\n") ?? [];
  const wanted = [lines[line - 1] ?? ""];
  for (let above = line - 2; above >= 0 && /^\s*#/.test(lines[above] ?? ""); above--) wanted.push(lines[above] ?? "");
  return wanted.flatMap((text) => {
    const [, rule, reason] = ALLOW.exec(text) ?? [];
    return rule === undefined ? [] : [[rule, reason ?? ""] as const];
  });
}

/** Allow comments that allow nothing. */
export function brokenAllows(input: AuditInput): readonly Found[] {
  return [...input.files].flatMap(([file, { text }]): Found[] => {
    if (!/\.(ya?ml|conf|sh)$|(^|\/)(Dockerfile[^/]*|\.env[^/]*)$/.test(file) || !text.includes("breakwater: allow")) return [];
    return text.split("\n").flatMap((line, index): Found[] => {
      const [, rule, reason] = ALLOW.exec(line) ?? [];
      if (rule === undefined) return [];
      const at = [{ file, line: index + 1 }];
      if (!Object.hasOwn(RULES, rule))
        return [{ rule: "allow-without-reason", at, message: `there is no rule '${rule}'`, hint: "docs/rules.md of Breakwater lists the rules" }];
      return reason === "" ? [{ rule: "allow-without-reason", at, message: `'${rule}' is allowed without a reason` }] : [];
    });
  });
}
