import { join } from "node:path";
import { type IPty, spawn } from "@lydell/node-pty";

import { BIN } from "./cli.ts";

const PATIENCE = 30_000;
/** Wide enough that no question is broken over two lines. */
const COLUMNS = 300;

export const KEY = { enter: "\r", down: "\x1b[B", clear: "\x15", interrupt: "\x03", end: "\x04" };

/** The CLI in a pseudo terminal: a person who reads, then types. */
export class Terminal {
  readonly ended: Promise<number>;
  readonly #pty: IPty;
  #raw = "";
  #read = 0;
  #code: number | undefined;
  #news: () => void = () => {};

  constructor(args: readonly string[], cwd: string, bin = join(BIN, "create-breakwater.mjs")) {
    this.#pty = spawn(process.execPath, [bin, ...args], { cwd, cols: COLUMNS, rows: 60, name: "xterm-256color", env: { ...process.env, CI: "" } });
    this.#pty.onData((data) => {
      this.#raw += data;
      this.#news();
    });
    this.ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#code = signal === undefined || signal === 0 ? exitCode : -signal;
        this.#news();
        resolve(this.#code);
      });
    });
  }

  /** Everything that was ever shown, without colours and cursor moves. */
  get shown(): string {
    return plain(this.#raw);
  }

  /** The end of it: a crash shows a line of a minified bundle, and that line is the bundle. */
  get last(): string {
    const lines = this.shown.split("\n").slice(-40);
    return lines.map((line) => (line.length > COLUMNS ? `${line.slice(0, COLUMNS)} …` : line)).join("\n");
  }

  /** Whether whoever goes on in this terminal sees a cursor. */
  get cursorVisible(): boolean {
    return this.#raw.lastIndexOf("\x1b[?25l") <= this.#raw.lastIndexOf("\x1b[?25h");
  }

  /** Waits for words that came after the last key. */
  async see(words: string | RegExp): Promise<string> {
    const until = Date.now() + PATIENCE;
    for (;;) {
      const fresh = plain(this.#raw.slice(this.#read));
      const found = typeof words === "string" ? (fresh.includes(words) ? words : undefined) : words.exec(fresh)?.[0];
      if (found !== undefined) return found;
      if (this.#code !== undefined || Date.now() > until)
        throw new Error(`${this.#code === undefined ? "nobody" : `ended with ${this.#code}, and nobody`} said ${String(words)}:\n${this.last}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 250);
        this.#news = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  type(keys: string): void {
    this.#read = this.#raw.length;
    this.#pty.write(keys);
  }

  async answer(question: string, keys: string): Promise<void> {
    await this.see(question);
    this.type(keys);
  }

  /** Moves through a list until the wanted line is marked. */
  async choose(question: string, line: string): Promise<void> {
    await this.see(question);
    for (let step = 0; step < 20; step++) {
      if ((await this.see(/[❯>] \w.*/)).includes(line)) return this.type(KEY.enter);
      this.type(KEY.down);
    }
    throw new Error(`no '${line}' to choose:\n${this.last}`);
  }

  stop(): void {
    if (this.#code === undefined) this.#pty.kill();
  }
}

function plain(raw: string): string {
  // ConPTY may skip over blanks with a cursor move where others print them.
  return raw
    .replaceAll(/\x1b\[(\d*)C/g, (_, count: string) => " ".repeat(Math.min(Number(count || 1), COLUMNS)))
    .replaceAll(/\x1b\[[?\d;]*[A-Za-z]/g, "");
}
