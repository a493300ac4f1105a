import type { Problem } from "@breakwater/model";

/** How a command ended: exit code, the result for stdout, what went to the side for stderr. */
export interface Ended {
  readonly code: number;
  readonly out?: string;
  readonly err?: string;
}

/** Writes both streams once and ends the process when they are out. */
export async function finish(ended: Ended): Promise<void> {
  await write(process.stderr, ended.err ?? "");
  await write(process.stdout, ended.out ?? "");
  process.exitCode = ended.code;
  // Prompts may hold the terminal open; everything is written, so nothing is cut off.
  if (process.stdin.isTTY) process.exit(ended.code);
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (text === "") return Promise.resolve();
  return new Promise((resolve) => {
    stream.on("error", () => resolve());
    stream.write(text, () => resolve());
  });
}

export function usageError(message: string, hint: string): Ended {
  return { code: 2, err: `error: ${message}\n    ${hint}\n` };
}

/** Problems for a person: one each, with its place and the next step. */
function problemLines(problems: readonly Problem[]): string {
  return problems.map(({ code, at, message, hint }) => `error: ${at === "" ? "" : `${at}: `}${message}  [${code}]\n    ${hint}\n`).join("");
}

/** The one JSON document of a failed run. */
export function failureJson(problems: readonly Problem[]): string {
  return `${JSON.stringify({ version: 1, ok: false, problems }, null, 2)}\n`;
}

/** A failed run in the form that was asked for. */
export function failed(problems: readonly Problem[], json: boolean, code = 1): Ended {
  return json ? { code, out: failureJson(problems) } : { code, err: problemLines(problems) };
}
