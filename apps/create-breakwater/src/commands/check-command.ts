import { resolve } from "node:path";

import { parseArguments } from "../arguments.ts";
import { type Ended, failed } from "../report.ts";
import { runCheck } from "./check.ts";

/** The command line of `check`; what it finds is worked out in `runCheck`. */
export async function check(argv: readonly string[]): Promise<Ended> {
  const { values, positionals, problems } = parseArguments(argv, {
    file: { type: "string", short: "f", multiple: true },
    cwd: { type: "string", short: "C" },
    strict: { type: "boolean" },
    json: { type: "boolean" },
    "no-color": { type: "boolean" },
  });
  const json = values["json"] === true;
  if (problems.length > 0) return failed(problems, json, 2);
  const cwd = resolve(typeof values["cwd"] === "string" ? values["cwd"] : ".");
  const color = process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "" && values["no-color"] !== true && process.env["TERM"] !== "dumb";
  const ended = await runCheck({ dir: resolve(cwd, positionals[0] ?? "."), files: (values["file"] ?? []) as string[], json, strict: values["strict"] === true, cwd, color });
  return { code: ended.exitCode, out: ended.stdout, err: ended.stderr };
}
