import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Catalog, type Problem, ProblemError, resolvePlan } from "@breakwater/model";
import { answersOf, sampleStack } from "@breakwater/model/testing";
import { stringify } from "yaml";

import { loadCatalog } from "./load-catalog.ts";

type Sections = Record<string, any>;
const made: string[] = [];
afterEach(() => made.splice(0).forEach((dir) => rmSync(dir, { recursive: true })));

/** A templates folder of these files; what is no text is written as YAML. */
function templatesOf(files: Readonly<Record<string, unknown>>): string {
  const dir = mkdtempSync(join(tmpdir(), "breakwater-catalog-"));
  made.push(dir);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), typeof content === "string" ? content : stringify(content));
  }
  return dir;
}

/** The sample stack, its services cut out, one of them and the secrets in a file of its own. */
function cut(): { stack: Sections; services: Sections; data: Sections } {
  const { services, secrets, volumes, ...stack } = sampleStack() as Sections;
  const { db, ...rest } = services;
  return {
    stack: { ...stack, include: ["manifest/services.yaml", "manifest/data.yaml"] },
    services: { services: rest },
    data: { services: { db }, secrets, volumes },
  };
}
const filesOf = ({ stack, services, data }: ReturnType<typeof cut>) => ({
  "sample/stack.yaml": stack,
  "sample/manifest/services.yaml": services,
  "sample/manifest/data.yaml": data,
});
const loaded = (files: Readonly<Record<string, unknown>>): Catalog => loadCatalog(templatesOf(files));

function problemsOf(load: () => unknown): readonly Problem[] {
  try {
    load();
  } catch (error) {
    if (error instanceof ProblemError) return error.problems;
    throw error;
  }
  return [];
}

/** Where the word stands first, as problems print it. */
function place(files: Readonly<Record<string, unknown>>, path: string, word: string): string {
  const content = files[path];
  const lines = (typeof content === "string" ? content : stringify(content)).split("\n");
  const index = lines.findIndex((line) => line.includes(word));
  expect(index).toBeGreaterThanOrEqual(0);
  return `templates/${path}:${index + 1}`;
}

describe("a manifest in several files", () => {
  it("is the same as in one: maps joined by key, lists one after another", () => {
    const whole = sampleStack() as Sections;
    const rule = (to: string) => ({ to, networks: ["data"], why: "Reads what is there." });
    const reach = (from: string, to: string) => ({ from, to, why: "Open on purpose, both ways." });
    Object.assign(whole, { reaches: [reach("app", "edge"), reach("edge", "app")], verbs: { add: [rule("app"), rule("edge")] } });
    const { stack, services, data } = cut();
    Object.assign(stack, { reaches: [whole["reaches"][0]], verbs: { add: [whole["verbs"].add[0]] } });
    Object.assign(data, { reaches: [whole["reaches"][1]], verbs: { add: [whole["verbs"].add[1]] } });
    const one = loaded({ "sample/stack.yaml": whole }).stacks["sample"]!.manifest;
    const several = loaded(filesOf({ stack, services, data })).stacks["sample"]!.manifest;
    expect({ ...several, include: [] }).toEqual(one);
  });

  it("the networks of a stack may be cut out too", () => {
    const { stack, ...others } = cut();
    const { networks, ...rest } = stack;
    const files = filesOf({ ...others, stack: rest, data: { ...others.data, networks } });
    expect(loaded(files).stacks["sample"]!.manifest.networks).toMatchObject({ data: { tiers: ["data"] } });
  });

  it("the plan names the included file and its line", () => {
    const { stack, services, data } = cut();
    stack["reaches"] = [{ from: "app", to: "edge", why: "Open on purpose, both ways." }];
    data["reaches"] = [{ from: "edge", to: "app", why: "Open on purpose, both ways." }];
    const files = filesOf({ stack, services, data });
    const plan = resolvePlan(loaded(files), answersOf());
    const at = (name: string) => plan.services.find((service) => service.name === name)?.at;
    expect(at("api")).toBe(place(files, "sample/manifest/services.yaml", "api:"));
    expect(at("db")).toBe(place(files, "sample/manifest/data.yaml", "db:"));
    expect(plan.secrets[0]?.at).toBe(place(files, "sample/manifest/data.yaml", "db_password:"));
    expect(plan.networks.find(({ name }) => name === "app")?.at).toBe(place(files, "sample/stack.yaml", "app:"));
    expect(plan.reaches.map((reach) => reach.at)).toEqual([
      place(files, "sample/stack.yaml", "- from: app"),
      place(files, "sample/manifest/data.yaml", "- from: edge"),
    ]);
  });

  it("a part is cut like a stack, and keeps its places under other names", () => {
    const { services, secrets, images, volumes, ...stack } = sampleStack() as Sections;
    const { db, ...rest } = services;
    rest.api.secrets = ["one_db_password"];
    rest.api.talksTo[0].to = "one-sql";
    const networks = { ...stack["networks"], data: { tiers: ["one-data"], why: "The API and its database." } };
    const files = {
      "sample/stack.yaml": { ...stack, networks, parts: ["store"], stands: { store: { as: ["one"] } }, images, services: rest },
      "parts/store/part.yaml": { part: "store", summary: "A database.", include: ["manifest/db.yaml"] },
      "parts/store/manifest/db.yaml": { services: { db }, secrets, volumes },
    };
    const plan = resolvePlan(loaded(files), answersOf());
    expect(plan.services.find(({ name }) => name === "one-db")?.at).toBe(place(files, "parts/store/manifest/db.yaml", "db:"));
    expect(plan.secrets.map(({ at }) => at)).toEqual([place(files, "parts/store/manifest/db.yaml", "  db_password:")]);
  });
});

describe("problems of a manifest in several files", () => {
  type Files = Record<string, any>;
  const STACK = "sample/stack.yaml";
  const SERVICES = "sample/manifest/services.yaml";
  const DATA = "sample/manifest/data.yaml";
  const twice = (file: string, word: string, message: (files: Files) => string) => ({ code: "manifest-twice", at: [file, word], message });

  it.each<[string, (files: Files) => void, { code: string; at: [string, string?]; message?: (files: Files) => string; hint?: string }]>([
    [
      "a key in the manifest and in an included file",
      (files) => (files[DATA].networks = { app: files[STACK].networks.app }),
      twice(DATA, "app:", (files) => `networks.app is in ${place(files, STACK, "app:")} already`),
    ],
    [
      "a key in two included files",
      (files) => (files[DATA].services.api = files[SERVICES].services.api),
      twice(DATA, "api:", (files) => `services.api is in ${place(files, SERVICES, "api:")} already`),
    ],
    [
      "an unknown section",
      (files) => (files[DATA].secerts = {}),
      { code: "manifest-invalid", at: [DATA, "secerts"], hint: "did you mean 'secrets'?" },
    ],
    [
      "what the manifest says of itself",
      (files) => (files[DATA].title = "Another"),
      { code: "manifest-invalid", at: [DATA, "title"], hint: "say it in stack.yaml: an included file holds sections alone" },
    ],
    [
      "an include inside",
      (files) => (files[DATA].include = ["manifest/services.yaml"]),
      { code: "manifest-invalid", at: [DATA, "include"], hint: "say it in stack.yaml: an included file holds sections alone" },
    ],
    [
      "a value that is none, deep inside",
      (files) => (files[DATA].services.db.limits = { ...files[DATA].services.db.limits, pids: 1 }),
      { code: "manifest-invalid", at: [DATA, "pids:"], message: () => "services.db.limits.pids: Too small: expected number to be >=8" },
    ],
    ["a list where a map must be", (files) => (files[DATA].services = []), { code: "manifest-invalid", at: [DATA, "services"] }],
    ["an empty file", (files) => (files[DATA] = "# nothing yet\n"), { code: "manifest-invalid", at: [DATA] }],
    ["no YAML", (files) => (files[DATA] = "services:\n  db: {a: 1, a: 2}\n"), { code: "manifest-yaml", at: [DATA, "db:"] }],
    [
      "a file that is not there",
      (files) => delete files[DATA],
      { code: "include-missing", at: [STACK, "data.yaml"], message: () => "manifest/data.yaml does not exist" },
    ],
    [
      "a folder",
      (files) => {
        files["sample/other.yaml/a.yaml"] = {};
        files[STACK].include[1] = "other.yaml";
      },
      { code: "include-missing", at: [STACK, "other.yaml"], message: () => "other.yaml is no file" },
    ],
    [
      "the same file twice",
      (files) => (files[STACK] = `${stringify(files[STACK])}  - "manifest/data.yaml"\n`),
      { code: "include-twice", at: [STACK, '"manifest/data.yaml"'], message: () => "manifest/data.yaml is in the list already" },
    ],
    [
      "a file beside the included ones that nobody includes",
      (files) => (files["sample/manifest/forgotten.yaml"] = { services: {} }),
      { code: "include-unlisted", at: ["sample/manifest/forgotten.yaml"], hint: "list manifest/forgotten.yaml under include:, or delete it" },
    ],
    ...[
      "../sample/manifest/data.yaml",
      "manifest/../../other.yaml",
      "/etc/hosts.yaml",
      "./manifest/data.yaml",
      "manifest\\data.yaml",
      "files/a.yaml",
    ].map((path): any => [
      `the path ${path}`,
      (files: Files) => (files[STACK].include[1] = path),
      { code: "manifest-invalid", at: [STACK, path], message: () => expect.stringMatching(/^include\.1: a \.yaml file below/) },
    ]),
    ["a condition on what nobody asks", (files) => (files[DATA].services.db.when = "admin"), { code: "option-unknown", at: [DATA, "db:"] }],
    [
      "the same in a list that goes on",
      (files) => {
        files[STACK].files = [{ path: "one" }, { path: "two" }];
        files[DATA].files = [{ path: "three" }, { path: "four", when: "admin" }];
      },
      { code: "option-unknown", at: [DATA, "path: four"] },
    ],
    ["a page that is none", (files) => (files[DATA].pages = { "docs/a.md": "all of it" }), { code: "page-missing", at: [DATA, "docs/a.md"] }],
    [
      "a part that is none, behind one that is",
      (files) => {
        files["parts/store/part.yaml"] = { part: "store", summary: "A database." };
        files[STACK].parts = ["store"];
        files[DATA].parts = ["stroe"];
      },
      { code: "part-unknown", at: [DATA, "stroe"], hint: "did you mean 'store'?" },
    ],
  ])("%s", (_, seed, { at: [file, word], message, ...said }) => {
    const files: Files = filesOf(structuredClone(cut()));
    seed(files);
    const found = problemsOf(() => loaded(files));
    expect(found.filter(({ code }) => code === said.code)).toMatchObject([
      {
        ...said,
        at: word === undefined ? `templates/${file}` : place(files, file, word),
        ...(message === undefined ? {} : { message: message(files) }),
      },
    ]);
  });

  it("a link that leads out of the folder", () => {
    const files = filesOf(cut());
    const { [DATA]: data, ...rest } = files;
    const dir = templatesOf({ ...rest, "elsewhere.yaml": data });
    symlinkSync(join(dir, "elsewhere.yaml"), join(dir, DATA));
    expect(problemsOf(() => loadCatalog(dir))).toMatchObject([{ code: "include-link", at: place(files, STACK, "data.yaml") }]);
  });
});
