import { diagramText, generateProject } from "@breakwater/engine";
import { type Answers, type Catalog, checkProjectName, type OptionManifest, optionsOf, parseOption, type RawAnswers } from "@breakwater/model";
import nodePlop from "node-plop";

import { builtPlatform } from "./catalog.ts";

/** Asks for what was not said, with plop's prompts made from the option schema. */
export async function askAnswers(catalog: Catalog, raw: RawAnswers): Promise<RawAnswers | "cancelled"> {
  try {
    const first = await ask("project", [
      ...(raw.name === undefined ? [nameQuestion()] : []),
      ...(raw.stack === undefined ? [stackQuestion(catalog)] : []),
    ]);
    const name = raw.name ?? first["name"];
    const stack = String(raw.stack ?? first["stack"]);
    const open = Object.entries(optionsOf(catalog, stack)).filter(([key]) => raw.options?.[key] === undefined);
    const options = await ask(
      stack,
      open.map(([key, option]) => optionQuestion(key, option)),
    );
    return { name, stack, options: { ...raw.options, ...options } };
  } catch (error) {
    if (isCancel(error)) return "cancelled";
    throw error;
  }
}

/** Shows what would be written, the flows as text, and asks once more. */
export async function confirmPlan(catalog: Catalog, answers: Answers): Promise<boolean> {
  const { plan, tree } = generateProject(catalog, answers, await builtPlatform());
  process.stdout.write(
    `\n${plan.project.title}: ${plan.project.stackTitle}, ${plan.services.length} services, ${tree.size} files\n\n${diagramText(plan)}\n`,
  );
  try {
    const { go } = await ask("confirm", [{ type: "confirm", name: "go", message: "Write it?", default: true }]);
    return go === true;
  } catch (error) {
    if (isCancel(error)) return false;
    throw error;
  }
}

type Question = Record<string, unknown>;

async function ask(title: string, questions: readonly Question[]): Promise<Record<string, unknown>> {
  if (questions.length === 0) return {};
  const plop = await nodePlop("", { destBasePath: process.cwd(), force: false });
  const generator = plop.setGenerator(title, { description: title, prompts: [...questions] as never, actions: [] });
  return (await generator.runPrompts()) as Record<string, unknown>;
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

function optionQuestion(key: string, option: OptionManifest): Question {
  const base = { name: key, message: `${option.ask} ${option.help}`, default: option.default };
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

function isCancel(error: unknown): boolean {
  return error instanceof Error && (error.name === "ExitPromptError" || /force closed|cancel/i.test(error.message));
}
