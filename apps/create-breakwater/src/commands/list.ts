import { describeValues, optionsOf } from "@breakwater/model";

import { parseArguments } from "../arguments.ts";
import { builtCatalog } from "../catalog.ts";
import { type Ended, failed } from "../report.ts";

/** Every stack with its options. */
export function list(argv: readonly string[]): Ended {
  const { values, problems } = parseArguments(argv, { json: { type: "boolean" }, "no-color": { type: "boolean" } }, 0);
  if (problems.length > 0) return failed(problems, values["json"] === true, 2);
  const catalog = builtCatalog();
  const stacks = Object.entries(catalog.stacks).map(([id, { manifest }]) => ({
    id,
    title: manifest.title,
    version: manifest.version,
    summary: manifest.summary,
    parts: manifest.parts,
    options: optionsOf(catalog, id),
  }));
  if (values["json"] === true) return { code: 0, out: `${JSON.stringify({ version: 1, ok: true, stacks }, null, 2)}\n` };
  const text = stacks.map((stack) => {
    const options = Object.entries(stack.options).map(
      ([key, option]) => `    ${describeValues(key, option)}\n      default: ${String(option.default)}\n`,
    );
    return `${stack.id}  ${stack.title} ${stack.version}\n  ${stack.summary}\n${options.join("")}`;
  });
  return { code: 0, out: text.join("\n") };
}
