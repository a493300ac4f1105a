import { execFileSync } from "node:child_process";
import { existsSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import * as tools from "./tools.ts";

const ROOT = join(import.meta.dirname, "../..");
const CLI = join(ROOT, "apps/create-breakwater/bin/create-breakwater.mjs");
const work = mkdtempSync(join(tmpdir(), "breakwater-tools-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function scaffold(name: string, set: readonly string[], stack = "django-postgres"): string {
  const dir = join(work, name, "shop");
  execFileSync(process.execPath, [CLI, dir, "--stack", stack, "--yes", "--no-git", ...set.flatMap((one) => ["--set", one])]);
  return dir;
}

/** A check, what it needs on this machine, and a break that it must see: path, text, other text. */
interface Check {
  readonly title: string;
  readonly tool: tools.Tool;
  readonly runs?: boolean;
  readonly defects: readonly (readonly [path: string, from: string | RegExp, to: string])[];
}

const CI = ".github/workflows/ci.yml";
const CHECKS: readonly Check[] = [
  {
    title: "PROD-10 dclint finds nothing in the three Compose files",
    tool: tools.dclint,
    defects: [
      ["compose.yaml", /\$\{NGINX_IMAGE:-[^}]*\}/, "nginx:latest"],
      ["compose.override.yaml", "127.0.0.1:${DB_DEV_PORT", "${DB_DEV_PORT"],
      ["compose.production.yaml", /^services:/m, "sevices:"],
    ],
  },
  { title: "markdownlint finds nothing in any document", tool: tools.markdownlint("**/*.md"), defects: [["docs/security/model.md", "# ", "#"]] },
  {
    title: "PLAT-4 actionlint finds nothing in the workflow",
    tool: tools.actionlint,
    defects: [
      [CI, "${{ matrix.service }}", "${{ matrix.srevice }}"],
      [CI, "timeout-minutes", "timeout-minuets"],
    ],
  },
  {
    title: "PLAT-4 the workflow runs known actions by commit, without a token that writes, and ends",
    tool: tools.workflowRules,
    defects: [
      [CI, /@[0-9a-f]{40} # v[\d.]+/, "@v7"],
      [CI, "actions/checkout", "somebody/checkout"],
      [CI, "contents: read", "contents: write"],
      [CI, /^    timeout-minutes: 10\n/m, ""],
      [CI, "persist-credentials: false", "persist-credentials: true"],
      [CI, "run: ops/isolation", "run: ops/isolation ${{ github.head_ref }}"],
    ],
  },
  {
    title: "PLAT-4 shellcheck finds nothing in the steps of the workflow",
    tool: tools.shellcheckSteps,
    runs: tools.SHELLCHECK,
    defects: [[CI, 'docker image inspect "$image"', "docker image inspect $image"]],
  },
  {
    title: "PLAT-4 every YAML file means the same in YAML 1.1 and 1.2",
    tool: tools.yamlVersions,
    defects: [
      ["compose.yaml", 'restart: "no"', "restart: no"],
      ["compose.yaml", "/tmp:size=64M,mode=1777", "012:34"],
      [CI, '"on":', "on:"],
    ],
  },
  {
    title: "PROD-10 hadolint finds nothing in any Dockerfile",
    tool: tools.hadolint,
    runs: tools.HADOLINT,
    defects: [
      ["services/backend/Dockerfile", /uv==[\d.]+/, "uv"],
      ["services/frontend/Dockerfile", "FROM ${NGINX_IMAGE}", "FROM nginx:latest"],
      [".github/scanner/Dockerfile", /:[\d.]+@sha256:[0-9a-f]{64}/, ""],
    ],
  },
];

const PROJECTS = [
  { name: "the defaults", set: [] },
  {
    name: "admin=false tls=intermediate domain=app.example.com pgbouncer=true",
    set: ["admin=false", "tls=intermediate", "domain=app.example.com", "pgbouncer=true"],
  },
  { name: "workflow=false", set: ["workflow=false"] },
  { name: "monitoring=true", set: ["monitoring=true"] },
  { name: "logShipping=http secretsProvider=vault", set: ["logShipping=http", "secretsProvider=vault", "monitoring=true"] },
  { name: "the defaults of fastapi-arq-minio", set: [], stack: "fastapi-arq-minio" },
  {
    name: "everything of ecommerce-microservices",
    set: ["aiServices=true", "internalTls=true", "monitoring=true", "paymentProvider=stripe", "pgbouncer=true", "pitr=true", "logShipping=loki"],
    stack: "ecommerce-microservices",
  },
];

describe.each(PROJECTS)("other people's tools, on a project with $name", ({ name, set, stack }) => {
  let dir = "";
  beforeAll(() => {
    dir = scaffold(`clean ${name}`, set, stack);
  });
  const workflow = name !== "workflow=false";

  it("PLAT-4 there is a workflow when it was asked for, and nothing of it otherwise", () => {
    // A stack with a security check has a workflow for it.
    const all = existsSync(join(dir, "security-check.sh")) ? [CI, ".github/workflows/security.yml"] : [CI];
    expect(tools.workflowsOf(dir)).toEqual(workflow ? all : []);
    expect(tools.filesBelow(dir, /^\.github\//).length).toBe(workflow ? all.length + 2 : 0);
  });

  // .ci/run installs shellcheck and hadolint; elsewhere the run says that it did not look.
  for (const { title, tool, runs } of CHECKS)
    it.skipIf(runs === false)(title, async () => {
      expect(await tool(dir)).toEqual([]);
    });
});

describe("this repository's own files", () => {
  it("markdownlint finds nothing in its documents", async () => {
    expect(await tools.markdownlint("README.md", "CONTRIBUTING.md", "docs/**/*.md")(ROOT)).toEqual([]);
  });

  it("actionlint finds nothing in its workflows, and they follow the rules of the scaffolded one", async () => {
    expect(tools.workflowsOf(ROOT)).toEqual([CI, ".github/workflows/defects.yml"]);
    expect([...(await tools.actionlint(ROOT)), ...(await tools.workflowRules(ROOT))]).toEqual([]);
  });

  it.skipIf(!tools.SHELLCHECK)("shellcheck finds nothing in the steps of its workflows", async () => {
    expect(await tools.shellcheckSteps(ROOT)).toEqual([]);
  });
});

describe("a tool that finds nothing has looked", () => {
  let clean = "";
  beforeAll(() => {
    clean = scaffold("to break", []);
  });

  for (const { title, tool, runs, defects } of CHECKS)
    it.skipIf(runs === false).each(defects)(`${title}: %s with %s → %s is found`, async (path, from, to) => {
      const dir = mkdtempSync(join(work, "broken-"));
      cpSync(clean, dir, { recursive: true });
      const before = readFileSync(join(dir, path), "utf8");
      const after = before.replace(from, () => to);
      expect(after).not.toBe(before);
      writeFileSync(join(dir, path), after);
      expect(await tool(dir)).not.toEqual([]);
    });
});
