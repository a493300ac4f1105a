import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Milliseconds; afterwards the process is killed and the call fails. */
  readonly timeout?: number;
}

/** Runs a command without a shell and gives what it printed; never throws for a non-zero exit. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ["pipe", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const limit = options.timeout ?? 300_000;
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command} ${args.join(" ")} took longer than ${limit} ms\n${Buffer.concat(err).toString()}`));
    }, limit);
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 128, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() });
    });
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}

/** As `run`, and an exit other than 0 is an error that shows what was printed. */
export async function must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await run(command, args, options);
  if (ran.code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${ran.code}\n${ran.out.slice(-4000)}\n${ran.err.slice(-4000)}`);
  return ran.out;
}

/** Asks until the answer is wanted or the time is over; gives the last answer. */
export async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean, milliseconds: number): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (wanted(answer) || Date.now() > end) return answer;
    await new Promise((wake) => setTimeout(wake, 300));
  }
}

/** A program of this host, or undefined: what needs it says that it did not run. */
export async function which(...names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    if (name.startsWith("/") && existsSync(name)) return name;
    const ran = await run("sh", ["-c", 'command -v "$0"', name]);
    if (ran.code === 0) return ran.out.trim();
  }
  return undefined;
}
