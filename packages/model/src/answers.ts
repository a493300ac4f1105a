import type { Catalog } from "./catalog.ts";
import type { OptionValue } from "./plan.ts";
import type { Problem } from "./problem.ts";
import type { OptionManifest } from "./schema/index.ts";
import { checkProjectName } from "./names.ts";

/** What came in by prompt, flag or file: nothing is known about it yet. */
export interface RawAnswers {
  readonly name?: unknown;
  readonly stack?: unknown;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Every key is present and valid for its stack. */
export interface Answers {
  readonly name: string;
  readonly stack: string;
  readonly options: Readonly<Record<string, OptionValue>>;
}

export type ParsedAnswers = { readonly ok: true; readonly answers: Answers } | { readonly ok: false; readonly problems: readonly Problem[] };

/** All options a stack asks for, its parts' included, sorted by key. The stack's own word wins. */
export function optionsOf(catalog: Catalog, stackId: string): Readonly<Record<string, OptionManifest>> {
  const stack = catalog.stacks[stackId]?.manifest;
  if (stack === undefined) return {};
  const merged: Record<string, OptionManifest> = {};
  for (const part of [...stack.parts].toSorted()) Object.assign(merged, catalog.parts[part]?.manifest.options);
  Object.assign(merged, stack.options);
  return Object.fromEntries(Object.entries(merged).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Makes `Answers` of what came in, defaults filled in; otherwise every problem at once:
 * `answer-missing`, `name-invalid`, `stack-unknown`, `option-unknown`, `option-invalid`.
 */
export function parseAnswers(catalog: Catalog, raw: RawAnswers): ParsedAnswers {
  const problems: Problem[] = [];
  const stack = typeof raw.stack === "string" ? raw.stack : "";
  const known = Object.keys(catalog.stacks).toSorted();
  if (raw.stack === undefined)
    problems.push({ code: "answer-missing", at: "--stack", message: "no stack was chosen", hint: `--stack <id>  one of: ${known.join(", ")}` });
  else if (!known.includes(stack))
    problems.push({
      code: "stack-unknown",
      at: "--stack",
      message: `there is no stack '${String(raw.stack)}'`,
      hint: nearest(String(raw.stack), known),
    });

  if (raw.name === undefined)
    problems.push({ code: "answer-missing", at: "name", message: "the project has no name", hint: "give a directory: create-breakwater my-app" });
  else if (typeof raw.name !== "string") problems.push({ code: "name-invalid", at: "name", message: "the name is not text", hint: "name: my-app" });
  else problems.push(...checkProjectName(raw.name));

  const options = optionsOf(catalog, stack);
  const values: Record<string, OptionValue> = {};
  for (const [key, option] of Object.entries(options)) {
    const value = raw.options?.[key] ?? option.default;
    const parsed = parseOption(option, value);
    if (parsed === undefined)
      problems.push({
        code: "option-invalid",
        at: `--set ${key}`,
        message: `'${String(value)}' is no value of ${key}`,
        hint: describeValues(key, option),
      });
    else values[key] = parsed;
  }
  for (const key of Object.keys(raw.options ?? {}).toSorted()) {
    if (known.includes(stack) && !Object.hasOwn(options, key))
      problems.push({
        code: "option-unknown",
        at: `--set ${key}`,
        message: `${stack} has no option '${key}'`,
        hint: nearest(key, Object.keys(options)),
      });
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, answers: { name: raw.name as string, stack, options: values } };
}

/** The option's value of this input, or undefined when it is none. Flags bring text, files bring types: both count. */
export function parseOption(option: OptionManifest, value: unknown): OptionValue | undefined {
  switch (option.type) {
    case "boolean":
      if (value === true || value === "true" || value === "yes") return true;
      if (value === false || value === "false" || value === "no") return false;
      return undefined;
    case "choice": {
      const word = typeof value === "number" ? String(value) : value;
      return option.choices.find((choice) => choice.value === word)?.value;
    }
    case "text": {
      const word = typeof value === "number" ? String(value) : value;
      if (typeof word !== "string" || word.length > option.maxLength) return undefined;
      return new RegExp(`^(?:${option.pattern})$`).test(word) ? word : undefined;
    }
  }
}

/** What may be said for an option, as a flag that can be pasted. */
export function describeValues(key: string, option: OptionManifest): string {
  switch (option.type) {
    case "boolean":
      return `--set ${key}=true|false  ${option.help}`;
    case "choice":
      return `--set ${key}=${option.choices.map((choice) => choice.value).join("|")}  ${option.help}`;
    case "text":
      return `--set ${key}=<text>  ${option.help}`;
  }
}

/** «did you mean …», or the whole list when nothing is near. */
export function nearest(word: string, known: readonly string[]): string {
  const best = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)[0];
  if (best !== undefined && best.distance <= Math.max(2, Math.floor(best.candidate.length / 3))) return `did you mean '${best.candidate}'?`;
  return known.length === 0 ? "there is nothing to choose from" : `one of: ${known.join(", ")}`;
}

function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return 64;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
