import { randomBytes, scrypt, type ScryptOptions, timingSafeEqual } from "node:crypto";

import { unavailable } from "../api/problems.ts";

/** 16 MiB and about 150 ms each: OWASP's parameters for scrypt, the ones that need the least memory. */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;
const KEY_BYTES = 32;
/** As many at a time as leave threads and memory for everything else. */
const AT_ONCE = 4;
/** A few seconds of work: whoever came behind them would have given up before his turn. */
const MAX_WAITING = 50;

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, { N, r, p }: { N: number; r: number; p: number }): Promise<Buffer> {
  if (running >= AT_ONCE && waiting.length >= MAX_WAITING) throw unavailable();
  if (running >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  try {
    return await new Promise((resolve, reject) =>
      scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error))),
    );
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** For an address that nobody has: takes as long as looking, and is never true. */
const NOBODY = `scrypt$${COST.N}$${COST.r}$${COST.p}$${Buffer.alloc(16).toString("base64url")}$${Buffer.alloc(KEY_BYTES).toString("base64url")}`;

export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [scheme, N, r, p, salt, key] = (stored ?? NOBODY).split("$");
  if (scheme !== "scrypt" || salt === undefined || key === undefined) return false;
  const expected = Buffer.from(key, "base64url");
  const actual = await derive(password, Buffer.from(salt, "base64url"), { N: Number(N), r: Number(r), p: Number(p) });
  return expected.length === actual.length && timingSafeEqual(expected, actual) && stored !== null;
}

const COMMON = /^(password|passwort|qwerty|letmein|welcome|iloveyou|administrator|changeme)/i;

/** What is wrong with a new password; empty when nothing is. */
export function passwordProblems(password: string, email: string): readonly string[] {
  const problems: string[] = [];
  const name = email.split("@")[0] ?? "";
  if ([...password].length < 12) problems.push("At least 12 characters.");
  if (/^\d+$/.test(password)) problems.push("Not only digits.");
  if (COMMON.test(password) || new Set(password.toLowerCase()).size < 5) problems.push("Too easy to guess.");
  if (name.length > 3 && password.toLowerCase().includes(name.toLowerCase())) problems.push("Too similar to the address.");
  return problems;
}
