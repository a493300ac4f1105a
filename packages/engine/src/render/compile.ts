import Handlebars from "handlebars";

import { COMPILE_OPTIONS, type Renderer } from "./options.ts";
import { QUOTING_HELPERS } from "./quote.ts";

const handlebars = Handlebars.create();
for (const [name, helper] of Object.entries(QUOTING_HELPERS)) handlebars.registerHelper(name, helper);

/** Compiles one template at run time. Only foreign templates need it: ours are precompiled at build. */
export function compileTemplate(source: string): Renderer {
  const template = handlebars.compile(source, COMPILE_OPTIONS);
  return (context) => template(context);
}

/** The template as JavaScript source (an object literal for `Handlebars.template`). */
export function precompileTemplate(source: string): string {
  return String(handlebars.precompile(source, COMPILE_OPTIONS));
}

/** The syntax tree, for the lint. */
export function parseTemplate(source: string): hbs.AST.Program {
  return Handlebars.parseWithoutProcessing(source);
}
