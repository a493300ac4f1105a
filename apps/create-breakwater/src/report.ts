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
  const said = await write(process.stdout, ended.out ?? "");
  // A result that nobody got is no success; a reader that went away (head) has seen enough.
  process.exitCode = said || ended.code !== 0 ? ended.code : 1;
  // Prompts may hold the terminal open; everything is written, so nothing is cut off.
  if (process.stdin.isTTY) process.exit();
}

function write(stream: NodeJS.WriteStream, text: string): Promise<boolean> {
  if (text === "") return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = (error?: Error | null) => resolve(error === undefined || error === null || (error as NodeJS.ErrnoException).code === "EPIPE");
    stream.on("error", done);
    stream.write(text, done);
  });
}

export function usageError(message: string, hint: string, json = false): Ended {
  if (json) return { code: 2, out: failureJson([{ code: "usage", at: "", message, hint }]) };
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
