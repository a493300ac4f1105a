/** Reads configuration from environment variables. Compose passes an unset variable as an empty one: both mean the default. */

/** Ends any entry point with one line that says what is wrong. */
export class ConfigurationError extends Error {}

export type Environment = Readonly<Record<string, string | undefined>>;

export function text(env: Environment, name: string, fallback = ""): string {
  return env[name]?.trim() || fallback;
}

export function list(env: Environment, name: string, fallback = ""): readonly string[] {
  return text(env, name, fallback)
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

export function whole(env: Environment, name: string, fallback: number, minimum = 0): number {
  const value = text(env, name, String(fallback));
  if (!/^\d{1,9}$/.test(value) || Number(value) < minimum)
    throw new ConfigurationError(`${name}='${value}' must be a whole number of at least ${minimum}`);
  return Number(value);
}

export function flag(env: Environment, name: string, fallback: boolean): boolean {
  const value = text(env, name, String(fallback)).toLowerCase();
  if (["1", "true", "yes", "on"].includes(value)) return true;
  if (["0", "false", "no", "off"].includes(value)) return false;
  throw new ConfigurationError(`${name}='${value}' must be true or false`);
}

export function choice<Word extends string>(env: Environment, name: string, fallback: Word, words: readonly Word[]): Word {
  const value = text(env, name, fallback);
  const found = words.find((word) => word === value);
  if (found === undefined) throw new ConfigurationError(`${name}='${value}' must be one of: ${words.join(", ")}`);
  return found;
}

export interface Rate {
  readonly limit: number;
  readonly seconds: number;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** "100/min" as 100 in 60 seconds. */
export function rate(env: Environment, name: string, fallback: string): Rate {
  const value = text(env, name, fallback);
  const match = /^([1-9]\d{0,8})\/(s|sec|m|min|h|hour)$/.exec(value);
  const seconds = SECONDS[match?.[2]?.[0] ?? ""];
  if (match === null || seconds === undefined)
    throw new ConfigurationError(`${name}='${value}' must look like 100/min (s, min or hour)`);
  return { limit: Number(match[1]), seconds };
}
