import { findHelp } from "./help.ts";
import { type Ended, failed, finish, usageError } from "./report.ts";

export type Program = "create-breakwater" | "breakwater";

const COMMANDS = ["create", "list", "check"];
/** Words of the command line that are promised and not there yet: said plainly instead of «unknown». */
const LATER = ["diff", "update", "add", "remove", "template"];

/**
 * Runs one command line and ends the process with its exit code. Help and version load nothing;
 * each command loads what it needs.
 */
export async function main(program: Program, argv: readonly string[]): Promise<void> {
  let ended: Ended;
  try {
    ended = await dispatch(program, argv);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    const message = error instanceof Error ? error.message : String(error);
    const hint =
      code === undefined ? `please report this: ${error instanceof Error ? (error.stack ?? "") : ""}` : "check the path and its permissions";
    ended = failed([{ code: code === undefined ? "internal" : "system", at: path ?? "", message, hint }], argv.includes("--json"));
  }
  await finish(ended);
}

async function dispatch(program: Program, argv: readonly string[]): Promise<Ended> {
  const first = argv[0];
  const command = program === "create-breakwater" && !(first !== undefined && COMMANDS.includes(first) && first !== "create") ? "create" : first;
  const rest = program === "create-breakwater" && command === "create" && first !== "create" ? argv : argv.slice(1);
  if (first === "--version" || first === "-V") return { code: 0, out: `${(await import("built:version")).version}\n` };
  if (command === undefined || first === "--help" || first === "-h" || first === "help")
    return { code: command === undefined ? 2 : 0, out: findHelp(program === "create-breakwater" ? "create" : "breakwater") };
  if (rest.includes("--help") || rest.includes("-h"))
    return COMMANDS.includes(command)
      ? { code: 0, out: findHelp(command) }
      : usageError(`there is no command '${command}'`, "breakwater --help", rest.includes("--json"));
  switch (command) {
    case "create":
      return (await import("./commands/create.ts")).create(rest);
    case "list":
      return (await import("./commands/list.ts")).list(rest);
    case "check":
      return (await import("./commands/check.ts")).check(rest);
    default:
      if (LATER.includes(command))
        return usageError(`'${command}' is not part of this version`, "breakwater --help lists what is", rest.includes("--json"));
      return usageError(`there is no command '${command}'`, `one of: ${COMMANDS.join(", ")}`, rest.includes("--json"));
  }
}
