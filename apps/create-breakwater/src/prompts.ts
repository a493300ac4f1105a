import type { Interface } from "node:readline";
import { diagramText, generateProject, servingOf } from "@breakwater/engine";
import {
  type Answers,
  type Catalog,
  checkProjectName,
  holds,
  type OptionManifest,
  optionsOf,
  type OptionValue,
  parseOption,
  type RawAnswers,
} from "@breakwater/model";
import nodePlop from "node-plop";

import { builtPlatform } from "./platform.ts";

/** Asks for what was not said, with plop's prompts made from the option schema. */
export async function askAnswers(catalog: Catalog, raw: RawAnswers): Promise<RawAnswers | "cancelled"> {
  try {
    const first = await ask("project", [
      ...(raw.name === undefined ? [nameQuestion()] : []),
      ...(raw.stack === undefined ? [stackQuestion(catalog)] : []),
    ]);
    const name = raw.name ?? first["name"];
    const stack = String(raw.stack ?? first["stack"]);
    const known = optionsOf(catalog, stack);
    const open = Object.entries(known).filter(([key]) => raw.options?.[key] === undefined);
    // Flags bring text; a condition compares values.
    const said = Object.fromEntries(
      Object.entries(raw.options ?? {}).flatMap(([key, value]): [string, OptionValue][] => {
        const parsed = known[key] === undefined ? undefined : parseOption(known[key], value);
        return parsed === undefined ? [] : [[key, parsed]];
      }),
    );
    const options = await ask(
      stack,
      open.map(([key, option]) => optionQuestion(key, option, said)),
    );
    return { name, stack, options: { ...raw.options, ...options } };
  } catch (error) {
    if (error instanceof Cancelled) return "cancelled";
    throw error;
  }
}

/** Shows what would be written, the flows as text, and asks once more. */
export async function confirmPlan(catalog: Catalog, answers: Answers): Promise<boolean> {
  const { plan, tree } = generateProject(catalog, answers, builtPlatform());
  process.stdout.write(
    `\n${plan.project.title}: ${plan.project.stackTitle}, ${servingOf(plan).length} services, ${tree.size} files\n\n${diagramText(plan)}\n`,
  );
  try {
    const { go } = await ask("confirm", [{ type: "confirm", name: "go", message: "Write it?", default: true }]);
    return go === true;
  } catch (error) {
    if (error instanceof Cancelled) return false;
    throw error;
  }
}

type Question = Record<string, unknown>;

class Cancelled extends Error {}

async function ask(title: string, questions: readonly Question[]): Promise<Record<string, unknown>> {
  if (questions.length === 0) return {};
  const plop = await nodePlop("", { destBasePath: process.cwd(), force: false });
  const prompts = (inquirer: unknown): Promise<Record<string, unknown>> => untilCancelled((inquirer as Inquirer).prompt(questions));
  const generator = plop.setGenerator(title, { description: title, prompts: prompts as never, actions: [] });
  return (await generator.runPrompts()) as Record<string, unknown>;
}

/** What is used here of inquirer 9: it is a dependency of plop, and its types are out of reach from here. */
interface Inquirer {
  readonly prompt: (questions: readonly Question[]) => Asking;
}
interface Asking extends Promise<Record<string, unknown>> {
  readonly ui: { readonly rl: Interface; readonly onForceClose: () => void; readonly close: () => void };
}

/**
 * On Ctrl-C and Ctrl-D inquirer kills its own process: no exit code of ours, nothing said, and after a list no cursor.
 * Here both end the question and leave the process to end itself.
 */
async function untilCancelled(asking: Asking): Promise<Record<string, unknown>> {
  const { ui } = asking;
  ui.rl.removeListener("SIGINT", ui.onForceClose);
  const cancelled = new Promise<never>((_, reject) => {
    const cancel = (): void => reject(new Cancelled());
    ui.rl.once("SIGINT", cancel);
    // The last answer closes it too, and is there before the next turn of the event loop.
    ui.rl.once("close", () => setImmediate(cancel));
  });
  try {
    return await Promise.race([asking, cancelled]);
  } catch (error) {
    ui.close();
    process.stdout.write("\x1b[?25h");
    throw error;
  }
}

function nameQuestion(): Question {
  return {
    type: "input",
    name: "name",
    message: "Name of the project (becomes the folder, host names, image names)",
    default: "my-app",
    validate: (value: string) => checkProjectName(value).map((problem) => `${problem.message}; ${problem.hint}`)[0] ?? true,
  };
}

function stackQuestion(catalog: Catalog): Question {
  return {
    type: "list",
    name: "stack",
    message: "Which stack?",
    choices: Object.entries(catalog.stacks).map(([value, { manifest }]) => ({ value, name: `${manifest.title}: ${manifest.summary}`, short: value })),
  };
}

function optionQuestion(key: string, option: OptionManifest, said: Readonly<Record<string, OptionValue>>): Question {
  // What is not asked keeps its default: parseAnswers fills it in.
  const when = (answers: Record<string, OptionValue>): boolean => holds(option.askedWhen, { ...said, ...answers });
  const base = { name: key, when, message: `${option.ask} ${option.help}`, default: option.default };
  switch (option.type) {
    case "boolean":
      return { ...base, type: "confirm" };
    case "choice":
      return {
        ...base,
        type: "list",
        choices: option.choices.map((choice) => ({ value: choice.value, name: `${choice.value}: ${choice.help}`, short: choice.value })),
      };
    case "text":
      return { ...base, type: "input", validate: (value: string) => parseOption(option, value) !== undefined || `no valid value; ${option.help}` };
  }
}
