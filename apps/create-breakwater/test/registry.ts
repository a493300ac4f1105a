import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AddressInfo, createServer } from "node:net";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const PATIENCE = 120_000;

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end, without a terminal; its whole output on failure belongs into the assertion's message. */
export function run(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Run> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    // npm and npx are .cmd files on Windows, which only a shell starts.
    const shell = process.platform === "win32" && !isAbsolute(file);
    const child = spawn(file, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"], timeout: PATIENCE });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => (out += String(chunk)));
    child.stderr.on("data", (chunk) => (err += String(chunk)));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? 128, out, err: signal === null ? err : `${err}\nended by ${signal}` }));
  });
}

/** The package managers as commands: the pnpm that runs this test when there is one, and what the normal registry gives. */
export async function packageManagers(dir: string): Promise<{ readonly pnpm: readonly string[]; readonly yarn: readonly string[] }> {
  const running = process.env["npm_execpath"] ?? "";
  const pnpm = /[\\/]pnpm[^\\/]*$/.test(running) ? (/\.[cm]?js$/.test(running) ? [process.execPath, running] : [running]) : undefined;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "package.json"), "{}");
  const wanted = ["yarn@1.22.22", ...(pnpm === undefined ? ["pnpm@12"] : [])];
  const ran = await run(["npm", "install", "--no-audit", "--no-fund", "--no-save", ...wanted], dir, process.env);
  if (ran.code !== 0) throw new Error(`npm install ${wanted.join(" ")}:\n${ran.out}${ran.err}`);
  const bin = (name: string): string => {
    const at = join(dir, "node_modules", name);
    const { bin } = JSON.parse(readFileSync(join(at, "package.json"), "utf8")) as { readonly bin: Readonly<Record<string, string>> };
    return join(at, bin[name] ?? "");
  };
  const command = (file: string): readonly string[] => (/\.[cm]?js$/.test(file) ? [process.execPath, file] : [file]);
  return { pnpm: pnpm ?? command(bin("pnpm")), yarn: command(bin("yarn")) };
}

/** A registry that holds what is published into it, and knows no other. */
export class Registry {
  readonly url: string;
  readonly #log: string;
  readonly #child: ChildProcess;

  private constructor(url: string, log: string, child: ChildProcess) {
    this.url = url;
    this.#log = log;
    this.#child = child;
  }

  static async start(dir: string): Promise<Registry> {
    mkdirSync(dir, { recursive: true });
    const log = join(dir, "log.json");
    writeFileSync(join(dir, "config.yaml"), config(dir, log));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const bin = join(dirname(createRequire(import.meta.url).resolve("verdaccio/package.json")), "bin/verdaccio");
    const child = spawn(process.execPath, [bin, "--config", join(dir, "config.yaml"), "--listen", `127.0.0.1:${port}`], {
      cwd: dir,
      env: { ...process.env, NO_UPDATE_NOTIFIER: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
    const registry = new Registry(url, log, child);
    for (const until = Date.now() + PATIENCE; ; await wait(100)) {
      const answered = await fetch(`${url}-/ping`).then(
        (response) => response.ok,
        () => false,
      );
      if (answered) return registry;
      if (child.exitCode === null && Date.now() < until) continue;
      await registry.stop();
      throw new Error(`verdaccio does not answer at ${url}:\n${said}`);
    }
  }

  /** A user of its own: npm does not publish without one. */
  async token(): Promise<string> {
    const response = await fetch(`${this.url}-/user/org.couchdb.user:tester`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "tester", password: "only-for-this-run" }),
    });
    return ((await response.json()) as { readonly token: string }).token;
  }

  /** The path of everything that was fetched so far, in order. */
  fetched(): readonly string[] {
    return readFileSync(this.#log, "utf8")
      .split("\n")
      .flatMap((line) => /"msg":"[^"]*requested 'GET (\/[^']*)'/.exec(line)?.[1] ?? []);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await gone;
  }
}

/** The environment of somebody else: no setting, cache or login of whoever runs this test, and one registry. */
export function stranger(home: string, registry: string, token = ""): NodeJS.ProcessEnv {
  mkdirSync(join(home, "temp"), { recursive: true });
  const inherited = Object.entries(process.env).filter(
    ([key]) =>
      !/^(?:npm|pnpm|yarn|corepack|xdg|vitest)_|^(?:https?_proxy|no_proxy|all_proxy|INIT_CWD|NODE_OPTIONS|NODE_PATH|PREFIX|CI|TEST|VITEST|NODE_ENV)$/i.test(
        key,
      ),
  );
  // The workspace's own bins are on it when pnpm runs this test; a stranger has Node alone.
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const host = registry.replace(/^http:/, "");
  writeFileSync(join(home, ".npmrc"), `registry=${registry}\n${token === "" ? "" : `${host}:_authToken=${token}\n`}`);
  // yarn 1 asks its own site for a newer one now and then.
  writeFileSync(join(home, ".yarnrc"), `registry "${registry}"\ndisable-self-update-check true\n`);
  return {
    ...Object.fromEntries(inherited),
    PATH: [dirname(process.execPath), ...path].join(delimiter),
    HOME: home,
    USERPROFILE: home,
    APPDATA: join(home, "AppData/Roaming"),
    LOCALAPPDATA: join(home, "AppData/Local"),
    TMPDIR: join(home, "temp"),
    npm_config_registry: registry,
    npm_config_userconfig: join(home, ".npmrc"),
    npm_config_globalconfig: join(home, "no-global-npmrc"),
    npm_config_cache: join(home, "npm-cache"),
    npm_config_prefix: join(home, "prefix"),
    npm_config_update_notifier: "false",
    PNPM_HOME: join(home, "pnpm"),
    // For root, yarn 1 takes /usr/local/share for these.
    YARN_CACHE_FOLDER: join(home, "yarn-cache"),
    YARN_GLOBAL_FOLDER: join(home, "yarn-global"),
    // Nobody listens there: whatever is fetched from anywhere but the registry fails.
    HTTP_PROXY: "http://127.0.0.1:9",
    HTTPS_PROXY: "http://127.0.0.1:9",
    NO_PROXY: "127.0.0.1",
  };
}

function config(dir: string, log: string): string {
  return JSON.stringify({
    storage: join(dir, "storage"),
    auth: { htpasswd: { file: join(dir, "htpasswd"), max_users: 1, algorithm: "sha1" } },
    uplinks: {},
    packages: { "**": { access: "$all", publish: "$authenticated" } },
    web: { enable: false },
    log: { type: "file", path: log, format: "json", level: "http" },
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
