/**
 * Quoting helpers, one a format. Each takes any text and gives text that the format reads back as
 * the same value; a value the format cannot hold is an error, never a silent change.
 */

/** POSIX shell: single quotes, `'` as `'\''`. */
export function quoteShell(value: unknown): string {
  return `'${plain(value, "a shell word").replaceAll("'", "'\\''")}'`;
}

/** A Compose `.env` value: single-quoted when anything but plain characters is in it. */
export function quoteEnv(value: unknown): string {
  const word = plain(value, "an .env value");
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(word)) return word;
  if (word.includes("'")) throw new Error(`an .env value cannot hold a single quote: ${word}`);
  return `'${word}'`;
}

/** An nginx parameter in double quotes. nginx has no escape for `$`: a value with one would be read as a variable. */
export function quoteNginx(value: unknown): string {
  const word = plain(value, "an nginx parameter");
  if (word.includes("$")) throw new Error(`an nginx parameter cannot hold a literal $: ${word}`);
  return `"${word.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A Python string literal. */
export function quotePython(value: unknown): string {
  return JSON.stringify(text(value)).replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** JSON, and so JavaScript and YAML flow scalars too. */
export function quoteJson(value: unknown): string {
  return JSON.stringify(typeof value === "boolean" ? value : text(value));
}

function plain(value: unknown, kind: string): string {
  const word = text(value);
  if (/[\n\r\0]/.test(word)) throw new Error(`${kind} cannot hold a line break or NUL: ${JSON.stringify(word)}`);
  return word;
}

function text(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  throw new Error(`not text: ${JSON.stringify(value)}`);
}

/** What templates call them: `{{shell project.name}}`. */
export const QUOTING_HELPERS = { shell: quoteShell, env: quoteEnv, nginx: quoteNginx, python: quotePython, json: quoteJson } as const;
