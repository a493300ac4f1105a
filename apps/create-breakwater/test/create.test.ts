import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

import { cli, folder, treeOf } from "./cli.ts";

const STACK = ["--stack", "django-postgres"];

describe("create", () => {
  it("PLAT-3 flags, file and standard input give identical bytes", async () => {
    const cwd = folder();
    const flags = await cli(["shop", ...STACK, "--set", "tls=intermediate", "--set", "admin=false", "--yes", "--no-git"], { cwd });
    expect(flags.code, flags.err).toBe(0);
    writeFileSync(join(cwd, "answers.yaml"), "stack: django-postgres\noptions: {admin: false, tls: intermediate}\n");
    for (const [where, args, input] of [
      ["file", ["--config", "answers.yaml"], ""],
      ["stdin", ["--config", "-"], '{"options":{"tls":"intermediate","admin":"false"},"stack":"django-postgres"}'],
      ["record", ["--config", "shop/.breakwater/answers.yaml"], ""],
    ] as const) {
      mkdirSync(join(cwd, where));
      const ran = await cli([join(where, "shop"), ...args, "--no-git"], { cwd, input });
      expect(ran.code, ran.err).toBe(0);
      expect(treeOf(join(cwd, where, "shop"))).toEqual(treeOf(join(cwd, "shop")));
    }
  });

  it.each([
    ["a name", (cwd: string) => [join(cwd, "shop"), "shop"]],
    ["--cwd", (_: string, other: string) => [join(other, "shop"), "shop", "--cwd", other]],
    ["an absolute folder", (_: string, other: string) => [join(other, "shop"), join(other, "shop")]],
  ])("says what was written, how to write it again from the same shell, and what comes next: %s", async (_, asked) => {
    const [cwd, other] = [folder(), folder()];
    const [place = "", ...args] = asked(cwd, other);
    const { code, out, err } = await cli([...args, ...STACK, "--yes", "--no-git"], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Wrote \d+ files to [^]*ops\/up --production/);
    expect(resolve(cwd, / cd (.*)/.exec(out)?.[1] ?? "")).toBe(place);
    const before = treeOf(place);
    rmSync(place, { recursive: true });
    expect((await cli([...(/create-breakwater (.*)/.exec(out)?.[1]?.split(" ") ?? []), "--no-git"], { cwd })).code).toBe(0);
    expect(treeOf(place)).toEqual(before);
  });

  it("makes a first commit with executable bits, and none inside a repository", async () => {
    const cwd = folder();
    const env = {
      GIT_AUTHOR_NAME: "T",
      GIT_AUTHOR_EMAIL: "t@example.com",
      GIT_COMMITTER_NAME: "T",
      GIT_COMMITTER_EMAIL: "t@example.com",
      GIT_CONFIG_GLOBAL: "/dev/null",
    };
    expect((await cli(["shop", ...STACK, "--yes"], { cwd, env })).err).toBe("");
    const git = (...args: string[]) => execFileSync("git", args, { cwd: join(cwd, "shop"), encoding: "utf8" });
    expect(git("status", "--porcelain")).toBe("");
    expect(git("ls-files", "--stage", "ops/up")).toMatch(/^100755/);
    await cli(["shop/inner", ...STACK, "--yes"], { cwd, env });
    expect(readdirSync(join(cwd, "shop/inner"))).not.toContain(".git");
  });

  it("without an identity the project is written and a warning says so", async () => {
    const cwd = folder();
    const ran = await cli(["shop", ...STACK, "--yes"], {
      cwd,
      env: {
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_CONFIG_SYSTEM: "/dev/null",
        HOME: cwd,
        EMAIL: "",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "user.useConfigOnly",
        GIT_CONFIG_VALUE_0: "true",
      },
    });
    expect(ran.code).toBe(0);
    expect(ran.err).toContain("warning: git commit failed");
  });

  it("--dry-run lists every file and writes nothing; --json is one document", async () => {
    const cwd = folder();
    const dry = await cli(["shop", ...STACK, "--yes", "-n"], { cwd });
    expect(dry.out).toContain("compose.yaml");
    const json = JSON.parse((await cli(["shop", ...STACK, "--yes", "-n", "--json"], { cwd })).out);
    expect(json).toMatchObject({ version: 1, ok: true, dryRun: true });
    expect(json.files.length).toBeGreaterThan(100);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("--set refuses a secret-free misuse: twice, malformed, unknown, no value", async () => {
    const cwd = folder();
    const ran = await cli(["shop", ...STACK, "--set", "tls", "--set", "a=1", "--set", "a=2", "--json"], { cwd });
    expect(ran.code).toBe(2);
    expect(JSON.parse(ran.out).problems.map((problem: { code: string }) => problem.code)).toEqual(["set-invalid", "set-twice"]);
    const unknown = await cli(["shop", ...STACK, "--set", "tsl=modern", "--set", "admin=maybe", "--yes"], { cwd });
    expect(unknown.err).toContain("did you mean 'tls'?");
    expect(unknown.err).toContain("option-invalid");
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe("create refuses, and leaves nothing behind", () => {
  const BAD: readonly (readonly [string, readonly string[], number, string])[] = [
    ["a name with a path", ["x", "--name", "../x"], 2, "name-invalid"],
    ["a name like a flag", ["--name=-rf", "x"], 2, "name-invalid"],
    ["flags as a name", ["-rf"], 2, "flag-unknown"],
    ["letters beyond ASCII", ["Ünï"], 2, "try 'uni'"],
    ["300 characters", ["a".repeat(300)], 2, "name-invalid"],
    ["a reserved word", ["localhost"], 2, "reserved"],
    ["an empty name", ["--name", "", "x"], 2, "name-invalid"],
    ["an unknown flag", ["shop", "--stak", "x"], 2, "did you mean '--stack'?"],
    ["a flag without its value", ["shop", "--stack"], 2, "flag-value"],
    ["two folders", ["a", "b"], 2, "argument-extra"],
    ["an unknown conflict mode", ["shop", "--on-conflict", "mrege"], 2, "did you mean 'merge'?"],
    ["a missing config", ["shop", "--config", "nowhere.yaml"], 2, "config-unreadable"],
  ];
  it.each(BAD)("%s", async (_, args, code, says) => {
    const cwd = folder();
    const withStack = args.includes("--stack") || args.includes("--stak") ? args : [...args, ...STACK];
    const ran = await cli([...withStack, "--yes"], { cwd });
    expect(ran.code, ran.err).toBe(code);
    expect(ran.err).toContain(says);
    expect(ran.out).toBe("");
    expect(readdirSync(cwd)).toEqual([]);
  });

  it("missing answers without a terminal: all of them, and a command to paste", async () => {
    const cwd = folder();
    const ran = await cli(["shop", ...STACK], { cwd });
    expect(ran.code).toBe(2);
    for (const key of ["admin", "domain", "tls", "workflow"]) expect(ran.err).toContain(`--set ${key}=`);
    const paste = /create-breakwater (shop .*--yes)/.exec(ran.err)?.[1]?.split(" ") ?? [];
    expect((await cli([...paste, "--no-git"], { cwd })).code).toBe(0);
  });

  it("an unknown stack", async () => {
    const ran = await cli(["shop", "--stack", "django-postgre", "--yes"], { cwd: folder() });
    expect([ran.code, ran.err.includes("did you mean 'django-postgres'?")]).toEqual([2, true]);
  });

  it("a broken and a wrong answers file, with line", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "broken.yaml"), "stack: [\n");
    writeFileSync(join(cwd, "wrong.yaml"), "stack: django-postgres\nfoo: 1\n");
    expect((await cli(["shop", "--config", "broken.yaml"], { cwd })).err).toMatch(/broken\.yaml:\d+: /);
    expect((await cli(["shop", "--config", "wrong.yaml"], { cwd })).err).toContain("wrong.yaml:2: 'foo' is no answer");
    expect(readdirSync(cwd).toSorted()).toEqual(["broken.yaml", "wrong.yaml"]);
  });

  it("an empty folder that somebody stands in is filled, not replaced", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "here"));
    const before = statSync(join(cwd, "here")).ino;
    const ran = await cli([".", ...STACK, "--name", "here", "--yes", "--no-git"], { cwd: join(cwd, "here") });
    expect([ran.code, ran.err]).toEqual([0, ""]);
    expect(statSync(join(cwd, "here")).ino).toBe(before);
    expect(readdirSync(join(cwd, "here"))).toContain("compose.yaml");
    expect(readdirSync(join(cwd, "here")).filter((name) => name.includes("breakwater-"))).toEqual([]);
    expect(readdirSync(cwd)).toEqual(["here"]);
  });

  it("the first commit holds what was written, and nothing that stood there before", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "shop"));
    writeFileSync(join(cwd, "shop/.env"), "API=sk_live_123\n");
    const env = {
      GIT_AUTHOR_NAME: "T",
      GIT_AUTHOR_EMAIL: "t@example.com",
      GIT_COMMITTER_NAME: "T",
      GIT_COMMITTER_EMAIL: "t@example.com",
      GIT_CONFIG_GLOBAL: "/dev/null",
    };
    expect((await cli(["shop", ...STACK, "--yes", "--on-conflict", "merge"], { cwd, env })).code).toBe(0);
    const files = execFileSync("git", ["ls-files"], { cwd: join(cwd, "shop"), encoding: "utf8" }).split("\n");
    expect(files).toContain("compose.yaml");
    expect(files).not.toContain(".env");
  });

  it("--dry-run looks at the target: refused as it would be, and what merge and overwrite would do", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "shop"));
    writeFileSync(join(cwd, "shop/README.md"), "mine\n");
    const dry = (...more: string[]) => cli(["shop", ...STACK, "--yes", "--dry-run", ...more], { cwd });
    expect((await dry()).err).toContain("target-not-empty");
    expect((await dry("--on-conflict", "merge")).out).toMatch(/^keep +\d+ +you +README\.md$/m);
    expect((await dry("--on-conflict", "overwrite")).out).toMatch(/^replace +\d+ +you +README\.md$/m);
    expect((await dry("--on-conflict", "overwrite", "--diff")).out).toContain("+++ README.md (replaces what is there)");
    expect((await cli(["shop", ...STACK, "--yes", "--no-git", "--on-conflict", "merge"], { cwd })).err).toContain("  keep    README.md");
    expect(readFileSync(join(cwd, "shop/README.md"), "utf8")).toBe("mine\n");
  });

  it("a folder that holds something; merge keeps it and ends with 5; overwrite replaces", async () => {
    const cwd = folder();
    mkdirSync(join(cwd, "shop"));
    writeFileSync(join(cwd, "shop/README.md"), "mine\n");
    const refused = await cli(["shop", ...STACK, "--yes", "--no-git"], { cwd });
    expect([refused.code, refused.err.includes("target-not-empty")]).toEqual([1, true]);
    expect(readdirSync(join(cwd, "shop"))).toEqual(["README.md"]);
    const merged = await cli(["shop", ...STACK, "--yes", "--no-git", "--on-conflict", "merge"], { cwd });
    expect([merged.code, merged.out.includes("README.md")]).toEqual([5, true]);
    expect(readFileSync(join(cwd, "shop/README.md"), "utf8")).toBe("mine\n");
    expect((await cli(["shop", ...STACK, "--yes", "--no-git", "--on-conflict", "overwrite"], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, "shop/README.md"), "utf8")).not.toBe("mine\n");
    expect(readdirSync(cwd)).toEqual(["shop"]);
  });

  it.skipIf(process.platform === "win32")("symbolic links: as the target, and inside it", async () => {
    const cwd = folder();
    const outside = folder();
    symlinkSync(outside, join(cwd, "linked"));
    expect((await cli(["linked", ...STACK, "--yes", "--no-git"], { cwd })).err).toContain("target-symlink");
    mkdirSync(join(cwd, "shop"));
    symlinkSync(outside, join(cwd, "shop/ops"));
    const inner = await cli(["shop", ...STACK, "--yes", "--no-git", "--on-conflict", "overwrite"], { cwd });
    expect([inner.code, inner.err.includes("target-symlink")]).toEqual([1, true]);
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(join(cwd, "shop"))).toEqual(["ops"]);
  });

  it.skipIf(process.platform === "win32")("a file where a folder is needed, and a place nobody may write to", async () => {
    const cwd = folder();
    writeFileSync(join(cwd, "file"), "");
    expect((await cli(["file", ...STACK, "--yes"], { cwd })).err).toContain("target-not-folder");
    expect((await cli(["file/shop", ...STACK, "--yes"], { cwd })).err).toContain("target-not-folder");
    const forbidden = await cli(["/proc/shop", ...STACK, "--yes"], { cwd });
    expect([forbidden.code, readdirSync(cwd)]).toEqual([1, ["file"]]);
  });

  it.skipIf(process.platform !== "linux")("a full target (a limit on file sizes stands in for the disk)", async () => {
    const cwd = folder();
    const bin = join(import.meta.dirname, "../bin/create-breakwater.mjs");
    let ended = { status: 0, stderr: "" };
    try {
      execFileSync(
        "bash",
        ["-c", `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`, process.execPath, bin, "deep/er/shop", ...STACK, "--yes", "--no-git"],
        { cwd, encoding: "utf8", stdio: "pipe" },
      );
    } catch (error) {
      ended = error as typeof ended;
    }
    expect([ended.status, ended.stderr.includes("disk-full")]).toEqual([1, true]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.skipIf(process.platform === "win32").each(["generate", "stage", "sync", "rename"])(
    "SIGTERM, SIGINT and SIGKILL in the phase %s: whole or nothing",
    async (phase) => {
      for (const signal of ["SIGTERM", "SIGINT", "SIGKILL"] as const) {
        const cwd = folder();
        const ran = await cli(["shop", ...STACK, "--yes", "--no-git", "-v"], {
          cwd,
          onStart: (child) =>
            child.stderr?.on("data", (chunk) => {
              if (String(chunk).includes(`${phase}\n`)) child.kill(signal);
            }),
        });
        const left = readdirSync(cwd).filter((name) => !name.startsWith(".shop.breakwater-"));
        if (left.length > 0) {
          const whole = JSON.parse(readFileSync(join(cwd, "shop/.breakwater/files.json"), "utf8")) as { files: object };
          expect(Object.keys(treeOf(join(cwd, "shop"))).length).toBe(Object.keys(whole.files).length + 1);
        } else expect(ran.code, ran.err).not.toBe(0);
        if (signal !== "SIGKILL") expect(readdirSync(cwd).filter((name) => name.startsWith("."))).toEqual([]);
        // What SIGKILL left is taken away by the next run.
        rmSync(join(cwd, "shop"), { recursive: true, force: true });
        expect((await cli(["shop", ...STACK, "--yes", "--no-git"], { cwd })).code).toBe(0);
        expect(readdirSync(cwd)).toEqual(["shop"]);
      }
    },
  );
});

describe("the rest of the command line", () => {
  it("help and version of each command end with 0 and say the exit codes", async () => {
    const cwd = folder();
    for (const args of [["--help"], ["list", "--help"]]) {
      const ran = await cli(args, { cwd });
      expect(ran.code).toBe(0);
      expect(ran.out).toContain("Exit codes");
    }
    expect((await cli(["--version"], { cwd })).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await cli([], { cwd, bin: "breakwater.mjs" })).code).toBe(2);
    expect((await cli(["diff", "."], { cwd, bin: "breakwater.mjs" })).err).toContain("not part of this version");
    expect(JSON.parse((await cli(["lsit", "--json"], { cwd, bin: "breakwater.mjs" })).out)).toMatchObject({
      ok: false,
      problems: [{ code: "usage" }],
    });
    expect((await cli(["shop", ...STACK, "--set", "constructor=1", "--yes"], { cwd })).err).toContain("option-unknown");
    expect((await cli(["lsit"], { cwd, bin: "breakwater.mjs" })).code).toBe(2);
  });

  it("list shows every option, as text and as JSON", async () => {
    const cwd = folder();
    expect((await cli(["list"], { cwd, bin: "breakwater.mjs" })).out).toContain("--set tls=modern|intermediate");
    const json = JSON.parse((await cli(["list", "--json"], { cwd, bin: "breakwater.mjs" })).out);
    expect(json.stacks[0]).toMatchObject({ id: "django-postgres", options: { tls: { default: "modern" } } });
  });
});
