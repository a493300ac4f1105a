// pnpm play: scaffolds a stack freshly into play/<stack>, for those who write templates to look at and to boot.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const HELP = `usage: pnpm play [--stack ID] [--force] [--no-build] [creator arguments]

Builds the CLI and scaffolds into play/<stack> (git ignores play/). What an earlier play wrote there is replaced;
a folder of something else, or one that holds the settings, keys or secrets of a running project, is refused.

  --stack ID    which stack; may be left out while there is one only
  --force       replace a folder that holds .env, secrets/, tls/ or instances/
  --no-build    take the CLI as it was built last

Everything else goes to create-breakwater: --set tls=intermediate, --name shop, --dry-run.

exit codes: 0 done · 1 refused or failed · otherwise what create-breakwater ended with
`;
/** What ops/up and ops/instance make: without it the volumes of a running project cannot be opened any more. */
const LIVE = [".env", "secrets", "tls", "instances"];

// Nothing this repository runs reports home.
process.env.TURBO_TELEMETRY_DISABLED = "1";
const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const bin = join(root, "apps/create-breakwater/bin");
// The test of this script plays elsewhere: a maintainer's play/ is not its own.
const play = resolve(process.env.BREAKWATER_PLAY_DIR ?? join(root, "play"));
const shown = (path) => relative(process.cwd(), path) || ".";

const { own, creator } = split(process.argv.slice(2));
if (own.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (!own.noBuild) build();
const stack = chooseStack();
const target = join(play, stack);
const stage = join(play, `.${stack}.new`);
const old = join(play, `.${stack}.old`);

mkdirSync(play, { recursive: true });
remove(stage);
const defaults = ["--stack", stack, "--name", `play-${stack}`.slice(0, 40).replace(/-+$/, ""), "--yes", "--no-git", "--quiet"];
const ran = spawnSync(process.execPath, [join(bin, "create-breakwater.mjs"), stage, ...defaults, ...creator], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: "inherit",
});
// A refused answer or a dry run wrote nothing, so the project of the last play stays.
if (ran.status !== 0 || !existsSync(stage)) {
  remove(stage);
  process.exit(ran.status ?? 1);
}
const refusal = whyKept(target);
if (refusal !== undefined) {
  remove(stage);
  fail(...refusal);
}
remove(old);
if (existsSync(target)) renameSync(target, old);
renameSync(stage, target);
remove(old);
process.stdout.write(`Wrote ${shown(target)}

Next:
  cd ${shown(target)}
  ops/up                    development on http://localhost:8080
  ops/up --production       the production files; ports 80 and 443 unless .env says otherwise
  ops/down --volumes --yes  when you are done: before the next play of this stack
`);

/** Ours are taken out wherever they stand; the rest is the creator's, order kept. */
function split(argv) {
  const options = { stack: { type: "string" }, force: { type: "boolean" }, "no-build": { type: "boolean" }, help: { type: "boolean", short: "h" } };
  const { tokens } = parseArgs({ args: argv, options, strict: false, allowPositionals: true, tokens: true });
  const ours = tokens.filter((token) => token.kind === "option" && token.name in options);
  const taken = new Set(ours.flatMap(({ index, name, inlineValue }) => (name === "stack" && inlineValue === false ? [index, index + 1] : [index])));
  const has = (name) => ours.some((token) => token.name === name);
  return {
    own: { help: has("help"), force: has("force"), noBuild: has("no-build"), stack: ours.findLast(({ name }) => name === "stack")?.value },
    creator: argv.filter((arg, index) => !taken.has(index) && arg !== "--"),
  };
}

function build() {
  const turbo = ["exec", "turbo", "run", "build", "--output-logs=errors-only", "--no-color"];
  const built = spawnSync("pnpm", turbo, { cwd: root, encoding: "utf8", shell: process.platform === "win32" });
  if (built.status === 0) return;
  const lines = `${built.stdout ?? ""}${built.stderr ?? ""}`.split("\n").map((line) => line.replace(/^create-breakwater:build: /, ""));
  // A manifest that does not load: its problems, each with its hint, are all that matters of the build's output.
  const isProblem = (line) => /^templates\/\S+ {2}[a-z-]+ {2}/.test(line ?? "");
  const problems = lines.filter((line, index) => isProblem(line) || isProblem(lines[index - 1]));
  process.stderr.write(`${(problems.length > 0 ? problems : lines).join("\n")}\n`);
  fail("the CLI does not build", "mend what stands above, then pnpm play again");
}

function chooseStack() {
  const listed = spawnSync(process.execPath, [join(bin, "breakwater.mjs"), "list", "--json"], { encoding: "utf8" });
  if (listed.status !== 0) fail(`the CLI does not start: ${listed.stderr}`, "pnpm build");
  const ids = JSON.parse(listed.stdout).stacks.map(({ id }) => id);
  if (own.stack === undefined && ids.length === 1) return ids[0];
  if (!ids.includes(own.stack)) fail(own.stack === undefined ? "which stack?" : `there is no stack '${own.stack}'`, `--stack ${ids.join(" | ")}`);
  return own.stack;
}

/** Why what stands there must stay, and the next command; undefined when it may go. */
function whyKept(folder) {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isDirectory() || !existsSync(join(folder, ".breakwater/files.json")))
    return [`${shown(folder)} was not written by play (it has no .breakwater/)`, `mv ${shown(folder)} ${shown(folder)}.mine`];
  const live = LIVE.filter((name) => existsSync(join(folder, name)));
  if (live.length === 0 || own.force) return undefined;
  const down = `${shown(join(folder, "ops/down"))} --volumes --yes`;
  return [`${shown(folder)} holds ${live.join(", ")} of a project that may be running`, `${down}, then pnpm play --stack ${stack} --force`];
}

function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    // A development container may have written into its bind mount as another user.
    fail(`${shown(folder)} cannot be removed: ${error.message}`, `sudo rm -r ${shown(folder)}`);
  }
}

function fail(message, next) {
  process.stderr.write(`error: ${message}\n    next: ${next}\n`);
  process.exit(1);
}
