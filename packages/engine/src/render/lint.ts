import type { Problem } from "@breakwater/model";

import { parseTemplate } from "./compile.ts";
import { COMPILE_OPTIONS, type RenderContext } from "./options.ts";

/**
 * Checks a template's syntax tree against the context it will get. Finds what `strict` alone misses: a typo
 * inside `{{#if}}`, blocks on anything but a boolean, partials, raw helpers. Codes: `template-syntax`,
 * `template-path`, `template-block`, `template-helper`.
 */
export function lintTemplate(path: string, source: string, context: RenderContext): readonly Problem[] {
  let program: hbs.AST.Program;
  try {
    program = parseTemplate(source);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = /line (\d+)/.exec(message)?.[1];
    return [
      {
        code: "template-syntax",
        at: line === undefined ? path : `${path}:${line}`,
        message: message.split("\n")[0] ?? message,
        hint: "mend the mustache",
      },
    ];
  }
  const problems: Problem[] = [];
  walk(program, { path, context, problems });
  return problems;
}

interface Walk {
  readonly path: string;
  readonly context: RenderContext;
  readonly problems: Problem[];
}

function walk(program: hbs.AST.Program, state: Walk): void {
  for (const statement of program.body) visit(statement, state);
}

function visit(statement: hbs.AST.Statement, state: Walk): void {
  switch (statement.type) {
    case "ContentStatement":
    case "CommentStatement":
      return;
    case "MustacheStatement":
      return mustache(statement as hbs.AST.MustacheStatement, state);
    case "BlockStatement":
      return block(statement as hbs.AST.BlockStatement, state);
    default:
      report(
        state,
        statement,
        "template-block",
        `${statement.type} is not part of our templates`,
        "only {{path}}, {{helper path}} and {{#if boolean}}",
      );
  }
}

function mustache(statement: hbs.AST.MustacheStatement, state: Walk): void {
  const name = pathOf(statement.path);
  if (statement.params.length === 0) return expectValue(statement.path, state, ["string"]);
  if (name === undefined || !(name in COMPILE_OPTIONS.knownHelpers))
    return report(
      state,
      statement,
      "template-helper",
      `there is no helper '${name ?? "?"}'`,
      `one of: ${Object.keys(COMPILE_OPTIONS.knownHelpers).join(", ")}`,
    );
  for (const parameter of statement.params) expectValue(parameter, state, ["string", "boolean"]);
}

function block(statement: hbs.AST.BlockStatement, state: Walk): void {
  const name = pathOf(statement.path);
  if (name !== "if" && name !== "unless")
    return report(
      state,
      statement,
      "template-block",
      `{{#${name ?? "?"}}} is not part of our templates`,
      "compute it in the plan; only {{#if boolean}} and {{#unless boolean}}",
    );
  for (const parameter of statement.params) expectValue(parameter, state, ["boolean"]);
  walk(statement.program, state);
  if (statement.inverse !== undefined && statement.inverse !== null) walk(statement.inverse, state);
}

function expectValue(expression: hbs.AST.Expression, state: Walk, types: readonly string[]): void {
  const name = pathOf(expression);
  if (name === undefined) {
    if (expression.type !== "StringLiteral" || types[0] === "boolean")
      report(state, expression, "template-path", "only a path is possible here", "name a value of the context");
    return;
  }
  const value = name
    .split(".")
    .reduce<unknown>(
      (at, key) => (typeof at === "object" && at !== null && Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined),
      state.context,
    );
  if (!types.includes(typeof value))
    report(
      state,
      expression,
      "template-path",
      value === undefined ? `the context has no '${name}'` : `'${name}' is a ${typeof value}, not a ${types.join(" or ")}`,
      "see RenderContext",
    );
}

function pathOf(expression: hbs.AST.Expression | hbs.AST.Literal): string | undefined {
  return expression.type === "PathExpression" ? (expression as hbs.AST.PathExpression).original : undefined;
}

function report(state: Walk, node: hbs.AST.Node, code: string, message: string, hint: string): void {
  state.problems.push({ code, at: `${state.path}:${node.loc.start.line}`, message, hint });
}
