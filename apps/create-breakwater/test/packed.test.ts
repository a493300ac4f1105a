import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { cli, treeOf } from "./cli.ts";
import { packageManagers, Registry, run, stranger } from "./registry.ts";
import { KEY, Terminal } from "./terminal.ts";
import { expectSameTree } from "./tree.ts";

// Package managers on a busy machine; each of these takes a second or two on a quiet one.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const APP = join(import.meta.dirname, "..");
const ANSWERS = ["--stack", "django-postgres", "--yes", "--no-git"];
const temp = mkdtempSync(join(tmpdir(), "breakwater-packed-"));
const own = join(temp, "own/my-app");

let managers: Awaited<ReturnType<typeof packageManagers>>;
let registry: Registry | undefined;
let tarball = "";
let packed = "";
let manifest: Readonly<Record<string, unknown>> & { readonly version: string };

/** A clean folder in a home of its own, for somebody who knows nothing but the registry. */
function clean(name: string, token?: string): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
  const cwd = join(temp, name, "work");
  mkdirSync(cwd, { recursive: true });
  return { cwd, env: stranger(join(temp, name, "home"), registry?.url ?? "", token) };
}

async function done(command: readonly string[], { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): Promise<string> {
  const ran = await run(command, cwd, env);
  expect(ran.code, `${command.join(" ")}\n${ran.out}${ran.err}`).toBe(0);
  return ran.out;
}

beforeAll(async () => {
  const starting = Registry.start(join(temp, "registry"));
  const [tools, started] = await Promise.allSettled([packageManagers(join(temp, "tools")), starting]);
  if (started.status === "fulfilled") registry = started.value;
  else throw started.reason;
  if (tools.status === "fulfilled") managers = tools.value;
  else throw tools.reason;

  const at = join(temp, "packed");
  mkdirSync(at);
  await done([...managers.pnpm, "pack", "--pack-destination", at], { cwd: APP, env: process.env });
  const file = readdirSync(at).find((name) => name.endsWith(".tgz")) ?? "";
  tarball = join(at, file);
  await done(["tar", "-xzf", file], { cwd: at, env: process.env });
  packed = join(at, "package");
  manifest = JSON.parse(readFileSync(join(packed, "package.json"), "utf8")) as typeof manifest;
  await done(["npm", "publish", tarball], clean("publisher", await registry.token()));

  mkdirSync(join(temp, "own"));
  const ran = await cli(["my-app", ...ANSWERS], { cwd: join(temp, "own") });
  expect(ran.code, ran.err).toBe(0);
});

afterAll(async () => {
  await registry?.stop();
  rmSync(temp, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

describe("the packed package", () => {
  it("names nothing that only this workspace can resolve, and needs nothing at run time", () => {
    expect(JSON.stringify(manifest)).not.toMatch(/"(?:workspace|catalog|link|file):/);
    for (const key of ["dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies", "bundledDependencies"])
      expect(manifest, key).not.toHaveProperty(key);
    expect(Object.keys((manifest["scripts"] ?? {}) as object).filter((name) => /install|prepare|publish|pack/.test(name))).toEqual([]);
  });

  it("holds the intended files and no other", () => {
    const files = Object.keys(treeOf(packed));
    const wanted = [
      "LICENSE",
      "bin/breakwater.mjs",
      "bin/create-breakwater.mjs",
      "dist/THIRD-PARTY-LICENSES.txt",
      "dist/catalog.json",
      "dist/main.mjs",
      "package.json",
    ];
    expect(files).toEqual(expect.arrayContaining(wanted));
    expect(files.filter((file) => !wanted.includes(file) && !/^(?:README\.md|dist\/files\.bin|dist\/[\w.-]+-[\w-]{8}\.mjs)$/.test(file))).toEqual([]);
  });

  it("has the README that the registry shows", () => {
    expect(Object.keys(treeOf(packed))).toContain("README.md");
    expect(readFileSync(join(packed, "README.md"), "utf8")).toContain("# Breakwater");
  });

  it("every module it imports is in it or in Node, and every module in it is imported", () => {
    const seen = new Set<string>();
    const outside = new Set<string>();
    const follow = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(join(packed, file), "utf8");
      for (const [, , specifier = ""] of text.matchAll(
        /(?:\bfrom\s*|\bimport\s*|\b(?:import|require)\(\s*)(["'`])((?:\.\.?\/|[@a-z])[\w./:@-]*)\1/g,
      )) {
        if (specifier.startsWith(".")) follow(join(file, "..", specifier).replaceAll("\\", "/"));
        else if (!isBuiltin(specifier)) outside.add(specifier);
      }
    };
    for (const bin of ["bin/breakwater.mjs", "bin/create-breakwater.mjs"]) follow(bin);
    // fdir, below plop, takes it when it is there and goes without otherwise.
    expect([...outside].filter((name) => name !== "picomatch")).toEqual([]);
    expect(Object.keys(treeOf(packed)).filter((file) => file.endsWith(".mjs") && !seen.has(file))).toEqual([]);
  });

  it("publint has nothing to say", async () => {
    // Unpacked from the tarball: what is in this folder is what is published.
    const { messages, pkg } = await publint({ pkgDir: packed, pack: false, strict: true });
    expect(pkg?.["name"]).toBe("create-breakwater");
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });
});

describe("the published package, from a registry without a way out", () => {
  it.each([
    ["npm create breakwater@latest", () => ["npm", "create", "breakwater@latest", "my-app", "--", ...ANSWERS]],
    ["pnpm create breakwater", () => [...managers.pnpm, "create", "breakwater", "my-app", ...ANSWERS]],
    ["yarn create breakwater", () => [...managers.yarn, "create", "breakwater", "my-app", ...ANSWERS]],
  ])("%s writes what the repository's own bin writes", async (title, command) => {
    const before = registry?.fetched().length ?? 0;
    const place = clean(title.replaceAll(/\W+/g, "-"));
    const out = await done(command(), place);
    expect(out).toMatch(/Wrote \d+ files to /);
    expect(readdirSync(place.cwd)).toEqual(["my-app"]);
    expectSameTree(join(place.cwd, "my-app"), own);
    const file = `/create-breakwater/-/create-breakwater-${manifest.version}.tgz`;
    await vi.waitFor(() => expect(registry?.fetched().slice(before)).toContain(file), 10_000);
    expect(registry?.fetched().filter((path) => !path.startsWith("/-/") && path !== "/create-breakwater" && path !== file)).toEqual([]);
  });

  describe("npm install of the tarball", () => {
    let place: ReturnType<typeof clean>;
    beforeAll(async () => {
      place = clean("installed");
      await done(["npm", "install", tarball], place);
    });

    it("installs one package, and both of its bins run", async () => {
      expect(readdirSync(join(place.cwd, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["create-breakwater"]);
      expect(await done(["npx", "--no-install", "breakwater", "--version"], place)).toBe(`${manifest.version}\n`);
      const listed = await cli(["list"], { cwd: temp, bin: "breakwater.mjs" });
      expect(await done(["npx", "--no-install", "breakwater", "list"], place)).toBe(listed.out);
      await done(["npx", "--no-install", "create-breakwater", "my-app", ...ANSWERS], place);
      expectSameTree(join(place.cwd, "my-app"), own);
    });

    it("asks in a terminal", async () => {
      const bin = join(place.cwd, "node_modules/create-breakwater/bin/create-breakwater.mjs");
      const terminal = new Terminal(["asked", "--stack", "django-postgres"], place.cwd, bin);
      try {
        await terminal.answer("Reach the Django admin", KEY.interrupt);
        expect(await terminal.ended, terminal.last).toBe(130);
      } finally {
        terminal.stop();
      }
    });
  });
});
