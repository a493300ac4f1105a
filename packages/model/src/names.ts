import type { Problem } from "./problem.ts";

/**
 * Names that break something the project's name ends up in: Docker's and Compose's own words, DNS
 * names with a fixed meaning, databases that PostgreSQL and MongoDB own, Windows devices, Python and
 * npm names that cannot be shadowed.
 */
const RESERVED = new Set([
  "localhost",
  "host",
  "none",
  "bridge",
  "default",
  "internet",
  "docker",
  "compose",
  "gateway",
  "postgres",
  "template0",
  "template1",
  "admin",
  "local",
  "config",
  "root",
  "con",
  "prn",
  "aux",
  "nul",
  "com1",
  "com2",
  "com3",
  "com4",
  "lpt1",
  "lpt2",
  "lpt3",
  "lpt4",
  "test",
  "tests",
  "redis",
  "nginx",
  "python",
  "node",
  "site",
  "platform",
  "node-modules",
  "favicon-ico",
  "app",
]);

/** The longest name that still leaves room for `-<instance>` and `_<network>` in engine names. */
export const NAME_MAX = 40;

/** The problems of a project's name; empty when it is valid everywhere it ends up in. */
export function checkProjectName(name: string): readonly Problem[] {
  const reason = nameReason(name);
  if (reason === undefined) return [];
  const proposal = proposeName(name);
  return [{ code: "name-invalid", at: "name", message: `'${shorten(name)}' cannot be a project's name: ${reason}`, hint: `try '${proposal}'` }];
}

function nameReason(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.length > NAME_MAX) return `it has ${name.length} characters, ${NAME_MAX} are possible`;
  if (!/^[a-z]/.test(name)) return "it must start with a letter a-z (DNS names and Python packages do)";
  if (!/^[a-z0-9-]+$/.test(name)) return "only a-z, 0-9 and - are possible (it becomes a DNS name and a Compose project)";
  if (name.endsWith("-") || name.includes("--")) return "a - must stand between letters or digits";
  if (RESERVED.has(name)) return "the word is reserved";
  return undefined;
}

/** A valid name as near as possible to what was typed. */
export function proposeName(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, NAME_MAX)
    .replace(/-+$/, "");
  if (plain === "") return "my-app";
  return RESERVED.has(plain) ? `my-${plain}`.slice(0, NAME_MAX) : plain;
}

/** `my-app` → `my_app`: valid as a Python module and as a database name. */
export function slugOf(name: string): string {
  return name.replaceAll("-", "_");
}

/** `my-app` → `My App`. */
export function titleOf(name: string): string {
  return name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}

function shorten(name: string): string {
  return name.length > 60 ? `${name.slice(0, 57)}...` : name;
}
