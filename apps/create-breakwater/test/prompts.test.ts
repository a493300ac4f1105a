import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { cli, folder, treeOf } from "./cli.ts";
import { KEY, Terminal } from "./terminal.ts";
import { expectSameTree } from "./tree.ts";

const STACK = "django-postgres";
const ASKED = {
  name: "Name of the project",
  stack: "Which stack?",
  admin: "Reach the Django admin",
  backupTarget: "Where do the encrypted backups live?",
  domain: "Which host name",
  logShipping: "Ship the logs",
  monitoring: "Add monitoring?",
  monitoringGrafana: "With Grafana?",
  pgbouncer: "Pool the database connections",
  pitr: "Restore to any point in time?",
  secretsProvider: "Where do the secrets come from?",
  tls: "Which TLS versions",
  workflow: "Add a GitHub workflow?",
  last: "Write it?",
};
const DEFAULTS = {
  admin: true,
  backupTarget: "local",
  domain: "localhost",
  logShipping: "none",
  monitoring: false,
  monitoringGrafana: true,
  pgbouncer: false,
  pitr: false,
  secretsProvider: "file",
  tls: "modern",
  workflow: true,
};
const OTHERS = {
  admin: false,
  backupTarget: "s3",
  domain: "shop.example.com",
  logShipping: "loki",
  monitoring: true,
  monitoringGrafana: false,
  pgbouncer: true,
  pitr: true,
  secretsProvider: "vault",
  tls: "intermediate",
  workflow: false,
};
type Options = typeof DEFAULTS;

const open: Terminal[] = [];
afterEach(() => {
  for (const terminal of open.splice(0)) terminal.stop();
});

function start(args: readonly string[], cwd: string): Terminal {
  const terminal = new Terminal([...args, "--no-git"], cwd);
  open.push(terminal);
  return terminal;
}

/** Said as flags, but for the keys that are left to be asked. */
function flags(options: Options, asked: readonly string[] = []): readonly string[] {
  const said = Object.entries(options).filter(([key]) => !asked.includes(key));
  return [...(asked.includes("stack") ? [] : ["--stack", STACK]), ...said.flatMap(([key, value]) => ["--set", `${key}=${value}`])];
}

async function written(args: readonly string[], cwd = folder()): Promise<string> {
  const ran = await cli([...args, "--no-git"], { cwd });
  expect(ran.code, ran.err).toBe(0);
  return join(cwd, "shop");
}

async function answerNameAndStack(terminal: Terminal): Promise<void> {
  await terminal.answer(ASKED.name, `shop${KEY.enter}`);
  await terminal.choose(ASKED.stack, "Django + PostgreSQL");
}

/** Answers these questions, in the order in which they are asked, with the values of OTHERS. */
async function giveOthers(terminal: Terminal, keys: readonly string[]): Promise<void> {
  for (const key of keys as readonly (keyof Options)[]) {
    const value = OTHERS[key];
    if (typeof value === "boolean") await terminal.answer(ASKED[key], `${value ? "y" : "n"}${KEY.enter}`);
    else if (key === "domain") await terminal.answer(ASKED[key], `${value}${KEY.enter}`);
    else await terminal.choose(ASKED[key], value);
  }
}

describe("prompts in a terminal", () => {
  it.each([
    [
      "every default",
      DEFAULTS,
      async (terminal: Terminal) => {
        // Without monitoring nobody asks for its dashboards.
        const asked = Object.keys(DEFAULTS).filter((key) => key !== "monitoringGrafana");
        for (const question of asked.map((key) => ASKED[key as keyof typeof DEFAULTS])) await terminal.answer(question, KEY.enter);
      },
    ],
    ["no default", OTHERS, (terminal: Terminal) => giveOthers(terminal, Object.keys(OTHERS))],
  ] as const)("PLAT-3 prompts, flags and file give identical bytes: %s", async (_, options, answerOptions) => {
    const cwd = folder();
    const terminal = start([], cwd);
    await answerNameAndStack(terminal);
    await answerOptions(terminal);
    await terminal.answer(ASKED.last, KEY.enter);
    expect(await terminal.ended, terminal.last).toBe(0);
    expect(readdirSync(cwd)).toEqual(["shop"]);
    const prompted = join(cwd, "shop");

    expectSameTree(prompted, await written(["shop", ...flags(options)]));
    const elsewhere = folder();
    writeFileSync(join(elsewhere, "answers.yaml"), stringify({ options, stack: STACK, name: "shop" }));
    expectSameTree(prompted, await written(["--config", "answers.yaml"], elsewhere));
    const again = /create-breakwater (shop .*--yes)/.exec(terminal.shown)?.[1]?.split(" ") ?? [];
    expectSameTree(prompted, await written(again));

    // Identical is no merit when nobody listened.
    const record = readFileSync(join(prompted, ".breakwater/answers.yaml"), "utf8");
    for (const [key, value] of Object.entries(options)) expect(record).toMatch(new RegExp(`\\b${key}: "?${value}"?\\n`));
    if (process.platform !== "win32") expect(statSync(join(prompted, "ops/up")).mode & 0o111).toBe(0o111);
  });

  it("PLAT-3 some of each: what a flag or a file says is not asked, and the bytes are the same", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "in"));
    writeFileSync(join(cwd, "some.yaml"), "options: {domain: shop.example.com, admin: true}\n");
    const terminal = start(["--config", "some.yaml", "--set", "admin=false", "--name", "shop", "in/shop"], cwd);
    await terminal.choose(ASKED.stack, "Django + PostgreSQL");
    await giveOthers(
      terminal,
      Object.keys(OTHERS).filter((key) => key !== "admin" && key !== "domain"),
    );
    await terminal.answer(ASKED.last, KEY.enter);
    expect(await terminal.ended, terminal.last).toBe(0);
    for (const question of [ASKED.name, ASKED.admin, ASKED.domain]) expect(terminal.shown).not.toContain(question);
    const all = await written(["shop", ...flags(OTHERS)]);
    expectSameTree(join(cwd, "in/shop"), all);
    expect(treeOf(all)).not.toEqual(treeOf(await written(["shop", ...flags(DEFAULTS)])));
  });

  it("the last question comes after the plan: services, files, flows", async () => {
    const terminal = start(["shop", ...flags(DEFAULTS)], folder());
    await terminal.see(ASKED.last);
    expect(terminal.shown).toMatch(/Django \+ PostgreSQL, \d+ services, \d{3} files/);
    expect(terminal.shown).toMatch(/internet\s+└─ proxy:8080/);
  });
});

describe("a terminal, and nothing is left behind", () => {
  const QUESTIONS: readonly (readonly [keyof typeof ASKED, readonly string[]])[] = [
    ["name", ["--stack", STACK]],
    ["stack", ["shop"]],
    ...(["admin", "domain", "pgbouncer", "tls", "workflow"] as const).map((key) => [key, ["shop", ...flags(DEFAULTS, [key])]] as const),
    ["last", ["shop", ...flags(DEFAULTS)]],
  ];
  it.each(QUESTIONS)("Ctrl-C and Ctrl-D at the question %s end with 130, a word and a cursor", async (question, args) => {
    for (const key of [KEY.interrupt, KEY.end]) {
      const cwd = folder();
      const terminal = start(args, cwd);
      await terminal.answer(ASKED[question], key);
      expect(await terminal.ended, terminal.last).toBe(130);
      expect(terminal.shown).toContain("cancelled: nothing was written");
      expect(terminal.cursorVisible).toBe(true);
      expect(readdirSync(cwd)).toEqual([]);
    }
  });

  it("Ctrl-C with half an answer typed, after others were given", async () => {
    const cwd = folder();
    const terminal = start([], cwd);
    await answerNameAndStack(terminal);
    await terminal.answer(ASKED.admin, `n${KEY.enter}`);
    await terminal.answer(ASKED.backupTarget, KEY.enter);
    await terminal.answer(ASKED.domain, "shop.exa");
    await terminal.answer("shop.exa", KEY.interrupt);
    expect(await terminal.ended, terminal.last).toBe(130);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("«no» at the last question is no success", async () => {
    const cwd = folder();
    const terminal = start(["shop", ...flags(DEFAULTS)], cwd);
    await terminal.answer(ASKED.last, `n${KEY.enter}`);
    expect(await terminal.ended, terminal.last).toBe(130);
    expect(terminal.shown).toContain("cancelled: nothing was written");
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("a bad name gets a proposal, and can be corrected", async () => {
    const cwd = folder();
    const terminal = start(flags(DEFAULTS), cwd);
    await terminal.answer(ASKED.name, `Ünï Shop${KEY.enter}`);
    await terminal.see("'Ünï Shop' cannot be a project's name");
    const proposed = /try '(.*)'/.exec(await terminal.see(/try '.*'/))?.[1] ?? "";
    terminal.type(`${KEY.clear}../x${KEY.enter}`);
    await terminal.see("'../x' cannot be a project's name");
    terminal.type(`${KEY.clear}${proposed}${KEY.enter}`);
    await terminal.answer(ASKED.last, KEY.enter);
    expect(await terminal.ended, terminal.last).toBe(0);
    expect(readdirSync(cwd)).toEqual([proposed]);
  });

  it("a bad value gets a message, and can be corrected", async () => {
    const cwd = folder();
    const terminal = start(["shop", ...flags(OTHERS, ["domain"])], cwd);
    await terminal.answer(ASKED.domain, `a b${KEY.enter}`);
    await terminal.answer("no valid value", `${KEY.clear}shop.example.com${KEY.enter}`);
    await terminal.answer(ASKED.last, KEY.enter);
    expect(await terminal.ended, terminal.last).toBe(0);
    expectSameTree(join(cwd, "shop"), await written(["shop", ...flags(OTHERS)]));
  });

  it("a wrong flag and a folder that holds something are told before the first question", async () => {
    const cwd = folder();
    const flag = start(["shop", "--stack", "django-postgres", "--set", "admin=tru"], cwd);
    expect(await flag.ended, flag.last).toBe(2);
    mkdirSync(join(cwd, "full/inner"), { recursive: true });
    const full = start(["full"], cwd);
    expect(await full.ended, full.last).toBe(1);
  });

  it("a folder that holds something is refused after the questions too", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "shop"));
    writeFileSync(join(cwd, "shop/mine"), "mine\n");
    const terminal = start(flags(DEFAULTS), cwd);
    await terminal.answer(ASKED.name, `shop${KEY.enter}`);
    await terminal.answer(ASKED.last, KEY.enter);
    expect(await terminal.ended, terminal.last).toBe(1);
    expect(terminal.shown).toContain("target-not-empty");
    expect(readdirSync(join(cwd, "shop"))).toEqual(["mine"]);
  });
});
