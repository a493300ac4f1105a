import { parseArgs, type ParseArgsConfig } from "node:util";
import { nearest, type Problem } from "@breakwater/model";

type Flags = NonNullable<ParseArgsConfig["options"]>;

export interface Parsed {
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly positionals: readonly string[];
  readonly problems: readonly Problem[];
}

/** node:util's parser with our words for what is wrong: `flag-unknown` (did you mean), `flag-value`, `argument-extra`. */
export function parseArguments(argv: readonly string[], flags: Flags, most = 1): Parsed {
  const problems: Problem[] = [];
  const { tokens } = parseArgs({ args: [...argv], options: flags, strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, string | boolean | string[]> = {};
  const positionals: string[] = [];
  for (const token of tokens ?? []) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags[token.name];
    if (flag === undefined) {
      problems.push({
        code: "flag-unknown",
        at: token.rawName,
        message: "there is no such flag",
        hint: nearest(
          token.rawName,
          Object.keys(flags).map((name) => `--${name}`),
        ),
      });
    } else if (flag.type === "string" && (token.value === undefined || (token.inlineValue === false && /^-./.test(token.value)))) {
      problems.push({ code: "flag-value", at: token.rawName, message: "a value is missing", hint: `${token.rawName} VALUE` });
    } else if (flag.type === "boolean" && token.value !== undefined) {
      problems.push({ code: "flag-value", at: token.rawName, message: "takes no value", hint: token.rawName });
    } else if (flag.multiple === true) {
      const list = values[token.name];
      values[token.name] = [...(Array.isArray(list) ? list : []), token.value ?? ""];
    } else values[token.name] = token.value ?? true;
  }
  for (const extra of positionals.slice(most))
    problems.push({ code: "argument-extra", at: extra, message: "one argument too many", hint: "see --help" });
  return { values, positionals, problems };
}
