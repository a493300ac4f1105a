import { createHash } from "node:crypto";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { contextOf, type FileTree, generateProject } from "@breakwater/engine";
import { compileTemplate, lintTemplate } from "@breakwater/engine/compile";
import { loadCatalog } from "@breakwater/engine/node";
import { type Answers, holds, type OptionManifest, optionsOf, resolvePlan } from "@breakwater/model";

const catalog = loadCatalog(join(import.meta.dirname, "../../templates"));

/** Every value an option can take; a text option has its default. */
function valuesOf(option: OptionManifest): readonly (string | boolean)[] {
  if (option.type === "boolean") return [true, false];
  return option.type === "choice" ? option.choices.map((choice) => choice.value) : [option.default];
}

/** Options of which only files depend, and no service, network or secret: they meet no other one. */
function ofFilesAlone(stack: string): ReadonlySet<string> {
  const own = catalog.stacks[stack]!;
  const sources = [own, ...own.manifest.parts.flatMap((id) => catalog.parts[id] ?? [])];
  const plans = sources.map(({ manifest }) => JSON.stringify({ ...manifest, controls: [], files: [], options: {} })).join("\n");
  return new Set(Object.keys(optionsOf(catalog, stack)).filter((key) => !new RegExp(`"when":"!?${key}["=]|options\\.${key}\\b`).test(plans)));
}

/**
 * Every combination. A stack of very many takes those of options that can meet in the plan; those of files alone take turns, so that each
 * of their values is with each value of every other option.
 */
const VERY_MANY = 2_000;
function combinations(stack: string): readonly Answers[] {
  const options = Object.entries(optionsOf(catalog, stack));
  const alone = ofFilesAlone(stack);
  const meet = product(
    stack,
    options.filter(([key]) => !alone.has(key)),
  );
  const every = product(stack, options);
  if (every.length <= VERY_MANY) return every;
  const turns = options.filter(([key]) => alone.has(key));
  return meet.map((answers, index) => {
    const told = turns.map(([key, option], turn) => {
      const values = valuesOf(option);
      return [key, values[(index >> turn) % values.length] ?? option.default] as const;
    });
    return { ...answers, options: Object.fromEntries([...Object.entries(answers.options), ...told].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
  });
}

function product(stack: string, options: readonly (readonly [string, OptionManifest])[]): readonly Answers[] {
  return options.reduce<Answers[]>(
    (all, [key, option]) =>
      all.flatMap((answers) => {
        // What nobody would be asked has no meaning: its default stands for all values.
        const values = holds(option.askedWhen, answers.options) ? valuesOf(option) : [option.default];
        return values.map((value) => ({ ...answers, options: { ...answers.options, [key]: value } }));
      }),
    [{ name: "shop", stack, options: {} }],
  );
}

/** The network that bears a tier in every cut. */
function networkOf(stack: string, tier: string): string {
  return Object.entries(catalog.stacks[stack]?.manifest.networks ?? {}).find(([, network]) => network.tiers.includes(tier))?.[0] ?? "";
}

/** There are hundreds of combinations, and few different texts: each is compiled, parsed or hashed once. */
function once<T>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    if (!made.has(text)) made.set(text, make(text));
    return made.get(text) as T;
  };
}
const compiled = once(compileTemplate);
const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const render = (answers: Answers) => generateProject(catalog, answers, { renderer: (_, source) => compiled(source), sha256 });
const text = (tree: FileTree, path: string): string => String(tree.get(path)?.content);
/** Where the links of a page lead, within the project; what stands in code is no link. */
const linksOf = once((page) =>
  [
    ...page
      .replace(/^```.*?^```/gms, "")
      .replace(/`[^`\n]*`/g, "")
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target)),
);
/** As GitHub names the headings of a page. */
const anchorsOf = once((page) =>
  [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  ),
);

/** Every link of a page leads to a file of this project, and to a heading that is there. */
function deadLinks(tree: FileTree): readonly string[] {
  const pages = [...tree.values()].filter(({ path }) => path.endsWith(".md"));
  return pages.flatMap(({ path }) =>
    linksOf(text(tree, path))
      .filter((link) => {
        const [file = "", anchor] = link.split("#");
        const target = file === "" ? path : posix.join(posix.dirname(path), file);
        if (anchor !== undefined) return !tree.has(target) || !anchorsOf(text(tree, target)).includes(anchor);
        return !tree.has(target) && ![...tree.keys()].some((one) => one.startsWith(`${target.replace(/\/$/, "")}/`));
      })
      .map((link) => `${path}: ${link} leads nowhere`),
  );
}

/** LF, shebangs are executable, no template marks, no secret, stated hashes, no dead links. */
function expectCleanFiles(tree: FileTree): void {
  const hashes = JSON.parse(text(tree, ".breakwater/files.json")).files as Record<string, unknown>;
  const faults = [...tree.values()].flatMap(({ path, content, executable, owner }) => {
    if (typeof content !== "string") return [];
    return [
      ...(content.includes("\r") ? [`${path}: a carriage return`] : []),
      ...(executable === content.startsWith("#!") ? [] : [`${path}: executable is ${executable}`]),
      ...(path.endsWith(".hbs") ? [`${path}: not rendered`] : []),
      ...(owner === "breakwater" && !path.startsWith("ops/") && /\{\{(project|stack|options|is)\./.test(content) ? [`${path}: a template mark`] : []),
      ...(path === ".breakwater/files.json" || path in hashes ? [] : [`${path}: no hash`]),
    ];
  });
  expect([...faults, ...deadLinks(tree)]).toEqual([]);
  expect(text(tree, ".breakwater/answers.yaml")).not.toMatch(/password|secret(?!sProvider)/i);
}

const tags = { customTags: [{ tag: "!override", collection: "seq" as const, identify: () => false }] };
const parsed = once((source): any => parse(source, { ...tags, merge: true }));

describe.each(Object.keys(catalog.stacks))("PLAT-5 %s, every combination of options", (stack) => {
  const all = combinations(stack);

  it.each(all.map((answers) => [JSON.stringify(answers.options), answers] as const))(
    "%s holds the invariants, and its files are clean",
    (_, answers) => {
      const { tree } = render(answers);
      const base = parsed(text(tree, "compose.yaml")) as {
        services: Record<string, any>;
        networks: Record<string, any>;
        secrets: Record<string, any>;
      };
      const production = parsed(text(tree, "compose.production.yaml")) as { services: Record<string, any> };
      const development = parsed(text(tree, "compose.override.yaml")) as { services: Record<string, any> };

      for (const [name, service] of Object.entries(base.services)) {
        expect(service.cap_drop, name).toEqual(["ALL"]);
        expect(service.read_only, name).toBe(true);
        expect(service.security_opt, name).toEqual(["no-new-privileges:true"]);
        expect(service.user, name).toMatch(/^[1-9]\d*:[1-9]\d*$/);
        expect(service.deploy.resources.limits, name).toMatchObject({
          cpus: expect.any(String),
          memory: expect.any(String),
          pids: expect.any(Number),
        });
        expect(service.container_name, name).toBeUndefined();
        expect(service.cap_add, name).toBeUndefined();
        if (service.restart !== "no") expect(service.healthcheck.test.join(" "), name).not.toMatch(/exit 0|\|\| true/);
      }
      const leaves = answers.options["egress"] === true || answers.options["paymentProvider"] === "stripe";
      const ships = (answers.options["logShipping"] ?? "none") !== "none";
      expect(
        Object.entries(base.services)
          .filter(([, service]) => service.ports !== undefined)
          .map(([name]) => name)
          .toSorted(),
      ).toEqual([...(ships ? ["log-shipper"] : []), "proxy"]);
      if (ships) expect(base.services["log-shipper"].ports).toEqual(["127.0.0.1:${LOG_SHIPPING_PORT:-24224}:24224"]);
      // Every service writes to the one place, but for what stands there; the engine's files of each are bounded either way.
      for (const [name, { logging }] of Object.entries(base.services)) {
        if (ships && name !== "log-shipper")
          expect(logging, name).toMatchObject({
            driver: "fluentd",
            options: {
              "fluentd-address": "127.0.0.1:${LOG_SHIPPING_PORT:-24224}",
              "fluentd-async": "true",
              "fluentd-request-ack": "true",
              tag: "log",
              "cache-max-size": "10m",
            },
          });
        else expect(logging, name).toEqual({ driver: "json-file", options: { "max-size": "10m", "max-file": "3" } });
      }
      expect(
        Object.entries(production.services)
          .filter(([, service]) => service.ports !== undefined)
          .map(([name]) => name),
      ).toEqual(["proxy"]);
      expect(production.services["proxy"].ports).toEqual(["${PROXY_PORT:-80}:8080", "${PROXY_TLS_PORT:-443}:8443"]);
      for (const service of Object.values(development.services)) for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
      expect(
        Object.entries(base.networks)
          .filter(([, network]) => network?.internal !== true)
          .map(([name]) => name),
      ).toEqual(
        [
          networkOf(stack, "edge"),
          ...(answers.options["backupTarget"] === "s3" ? ["offsite"] : []),
          ...(leaves ? [networkOf(stack, "outside")] : []),
          ...(ships ? ["shipping"] : []),
          ...(answers.options["secretsProvider"] === "vault" ? ["vault"] : []),
        ].toSorted(),
      );
      const on = (network: string) =>
        Object.entries(base.services)
          .filter(([, service]) => (Array.isArray(service.networks) ? service.networks : Object.keys(service.networks)).includes(network))
          .map(([name]) => name);
      expect(on("offsite")).toEqual(answers.options["backupTarget"] === "s3" ? ["backup"] : []);
      // What has a way out is alone there.
      expect(on(networkOf(stack, "outside"))).toEqual(leaves ? ["egress-proxy"] : []);
      expect(on("shipping")).toEqual(ships ? ["log-shipper"] : []);
      expect(on("vault")).toEqual(answers.options["secretsProvider"] === "vault" ? ["vault"] : []);
      expectCleanFiles(tree);
    },
  );

  it("a strict cut of the networks leaves no reach but between copies of one service", () => {
    const strict = all.filter(({ options }) => options["strictIsolation"] === true);
    for (const answers of strict.slice(0, 4)) {
      const plan = resolvePlan(catalog, answers);
      const copyOf = new Map(plan.services.map((service) => [service.name, service.copy?.of ?? service.name]));
      expect(plan.reaches.filter(({ from, to }) => copyOf.get(from) !== copyOf.get(to))).toEqual([]);
    }
  });

  it("PLAT-8 the same answers give the same bytes, in whatever order they were given", () => {
    const answers = all[0] as Answers;
    const reversed = { ...answers, options: Object.fromEntries(Object.entries(answers.options).reverse()) };
    expect([...render(reversed).tree.values()]).toEqual([...render(answers).tree.values()]);
  });

  it("options that add a route or a file really do", () => {
    const of = (options: Record<string, string | boolean>) =>
      render({ ...(all[0] as Answers), options: { ...(all[0] as Answers).options, ...options } }).tree;
    if (!("admin" in optionsOf(catalog, stack))) return;
    expect(text(of({ admin: true }), "nginx/plan/locations.conf")).toContain("location /admin/");
    expect(text(of({ admin: false }), "nginx/plan/locations.conf")).not.toContain("/admin/");
    expect(of({ tls: "modern" }).has("nginx/common/tls-intermediate.conf")).toBe(false);
    expect(of({ tls: "intermediate" }).has("nginx/common/tls-modern.conf")).toBe(false);
  });

  it("the templates' own paths are linted against the context", () => {
    const plan = resolvePlan(catalog, all[0] as Answers);
    const context = contextOf(plan, optionsOf(catalog, stack));
    const own = catalog.stacks[stack];
    const parts = (own?.manifest.parts ?? []).flatMap((id) => catalog.parts[id] ?? []);
    const sources = [...parts, ...(own === undefined ? [] : [own])].flatMap((source) => source.files.filter((file) => file.path.endsWith(".hbs")));
    expect(sources.length).toBeGreaterThan(0);
    for (const file of sources) expect(lintTemplate(file.path, String(file.content), context)).toEqual([]);
  });
});

describe("the template lint", () => {
  const plan = resolvePlan(catalog, combinations("django-postgres")[0] as Answers);
  const context = contextOf(plan, optionsOf(catalog, "django-postgres"));
  it.each([
    ["template-path", "{{project.nmae}}"],
    ["template-path", "{{#if options.admni}}x{{/if}}"],
    ["template-path", "{{#if project.name}}x{{/if}}"],
    ["template-block", "{{#each project}}x{{/each}}"],
    ["template-block", "{{> partial}}"],
    ["template-helper", "{{lookup project 'name'}}"],
    ["template-syntax", "{{#if options.admin}}"],
  ])("%s is found in %s, with its line", (code, source) => {
    const [problem] = lintTemplate("x.hbs", `first\n${source}`, context);
    expect(problem?.code).toBe(code);
    expect(problem?.at).toMatch(/^x\.hbs:\d$/);
  });
  it.each(["{{project.name}}", "{{shell project.title}}", "{{#if options.admin}}a{{else}}b{{/if}}", "{{#unless is.tls.modern}}x{{/unless}}"])(
    "%s is fine",
    (source) => {
      expect(lintTemplate("x.hbs", source, context)).toEqual([]);
    },
  );
});
