/**
 * How leaf text is compiled, at build time and for foreign templates alike.
 * `strict` makes an unknown path an error; `knownHelpersOnly` makes an unknown helper one.
 */
export const COMPILE_OPTIONS = {
  noEscape: true,
  strict: true,
  preventIndent: true,
  knownHelpersOnly: true,
  knownHelpers: { shell: true, env: true, nginx: true, python: true, json: true },
} as const;

/** A compiled template: context in, text out. Deterministic; touches nothing else. */
export type Renderer = (context: RenderContext) => string;

/** Everything a `.hbs` file may name. The lint checks paths against this shape. */
export interface RenderContext {
  readonly project: { readonly name: string; readonly title: string; readonly slug: string };
  readonly stack: { readonly id: string; readonly title: string; readonly version: string };
  readonly options: Readonly<Record<string, string | boolean>>;
  /** One boolean for each choice of each option: `is.tls.modern`. */
  readonly is: Readonly<Record<string, Readonly<Record<string, boolean>>>>;
}

/** Renderers by `<origin>:<source path>`. */
export type Renderers = Readonly<Record<string, Renderer>>;
