import type { OptionManifest, StackPlan } from "@breakwater/model";
import type { RenderContext } from "./options.ts";

/** The context every template of a project is rendered with: names, options, and a boolean for each choice. */
export function contextOf(plan: StackPlan, options: Readonly<Record<string, OptionManifest>>): RenderContext {
  const is: Record<string, Record<string, boolean>> = {};
  for (const [key, option] of Object.entries(options)) {
    if (option.type === "choice")
      is[key] = Object.fromEntries(option.choices.map((choice) => [word(choice.value), plan.options[key] === choice.value]));
  }
  return {
    project: { name: plan.project.name, title: plan.project.title, slug: plan.project.slug },
    stack: { id: plan.project.stack, title: plan.project.stackTitle, version: plan.project.stackVersion },
    options: plan.options,
    is,
  };
}

function word(value: string): string {
  return value.replace(/[^a-z0-9]+/g, "_");
}
