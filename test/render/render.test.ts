import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { contextOf, type FileTree, generateProject } from "@breakwater/engine";
import { compileTemplate, lintTemplate } from "@breakwater/engine/compile";
import { loadCatalog } from "@breakwater/engine/node";
import { type Answers, type OptionManifest, optionsOf, resolvePlan } from "@breakwater/model";

const catalog = loadCatalog(join(import.meta.dirname, "../../templates"));

/** Every value an option can take; a text option has its default. */
function valuesOf(option: OptionManifest): readonly (string | boolean)[] {
  if (option.type === "boolean") return [true, false];
  return option.type === "choice" ? option.choices.map((choice) => choice.value) : [option.default];
}

function combinations(stack: string): readonly Answers[] {
  return Object.entries(optionsOf(catalog, stack)).reduce<Answers[]>(
    (all, [key, option]) =>
      all.flatMap((answers) => valuesOf(option).map((value) => ({ ...answers, options: { ...answers.options, [key]: value } }))),
    [{ name: "shop", stack, options: {} }],
  );
}

/** The network that bears a tier in every cut. */
function networkOf(stack: string, tier: string): string {
  return Object.entries(catalog.stacks[stack]?.manifest.networks ?? {}).find(([, network]) => network.tiers.includes(tier))?.[0] ?? "";
}

const render = (answers: Answers) =>
  generateProject(catalog, answers, {
    renderer: (_, source) => compileTemplate(source),
    sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"),
  });
const text = (tree: FileTree, path: string): string => String(tree.get(path)?.content);
const tags = { customTags: [{ tag: "!override", collection: "seq" as const, identify: () => false }] };

describe.each(Object.keys(catalog.stacks))("PLAT-5 %s, every combination of options", (stack) => {
  const all = combinations(stack);

  it.each(all.map((answers) => [JSON.stringify(answers.options), answers] as const))("%s holds the invariants", (_, answers) => {
    const { tree } = render(answers);
    const base = parse(text(tree, "compose.yaml"), { merge: true }) as {
      services: Record<string, any>;
      networks: Record<string, any>;
      secrets: Record<string, any>;
    };
    const production = parse(text(tree, "compose.production.yaml"), tags) as { services: Record<string, any> };
    const development = parse(text(tree, "compose.override.yaml")) as { services: Record<string, any> };

    for (const [name, service] of Object.entries(base.services)) {
      expect(service.cap_drop, name).toEqual(["ALL"]);
      expect(service.read_only, name).toBe(true);
      expect(service.security_opt, name).toEqual(["no-new-privileges:true"]);
      expect(service.user, name).toMatch(/^[1-9]\d*:[1-9]\d*$/);
      expect(service.deploy.resources.limits, name).toMatchObject({ cpus: expect.any(String), memory: expect.any(String), pids: expect.any(Number) });
      expect(service.container_name, name).toBeUndefined();
      expect(service.cap_add, name).toBeUndefined();
      if (service.restart !== "no") expect(service.healthcheck.test.join(" "), name).not.toMatch(/exit 0|\|\| true/);
    }
    expect(
      Object.entries(base.services)
        .filter(([, service]) => service.ports !== undefined)
        .map(([name]) => name),
    ).toEqual(["proxy"]);
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
        ...(answers.options["egress"] === true ? ["outside"] : []),
      ].toSorted(),
    );
    const on = (network: string) =>
      Object.entries(base.services)
        .filter(([, service]) => (Array.isArray(service.networks) ? service.networks : Object.keys(service.networks)).includes(network))
        .map(([name]) => name);
    expect(on("outside")).toEqual(answers.options["egress"] === true ? ["egress-proxy"] : []);
    expect(on("offsite")).toEqual(answers.options["backupTarget"] === "s3" ? ["backup"] : []);
  });

  it.each(all.map((answers) => [JSON.stringify(answers.options), answers] as const))(
    "%s: LF, shebangs are executable, no template marks, no secret, stated hashes",
    (_, answers) => {
      const { tree } = render(answers);
      const hashes = JSON.parse(text(tree, ".breakwater/files.json")).files as Record<string, unknown>;
      for (const file of tree.values()) {
        if (typeof file.content !== "string") continue;
        expect(file.content, file.path).not.toContain("\r");
        expect(file.executable, file.path).toBe(file.content.startsWith("#!"));
        expect(file.path.endsWith(".hbs"), file.path).toBe(false);
        if (file.owner === "breakwater" && !file.path.startsWith("ops/"))
          expect(file.content, file.path).not.toMatch(/\{\{(project|stack|options|is)\./);
        if (file.path !== ".breakwater/files.json") expect(hashes[file.path], file.path).toBeDefined();
      }
      expect(text(tree, ".breakwater/answers.yaml")).not.toMatch(/password|secret/i);
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
