import type { Answers } from "../answers.ts";
import { type Catalog, placeOf, type Source } from "../catalog.ts";
import { slugOf, titleOf } from "../names.ts";
import type { Flow, PlanFile, PlanService, PlanVariable, Rotation, StackPlan } from "../plan.ts";
import type { PartManifest, StackManifest } from "../schema/index.ts";
import { cutNetworks, networksOfTiers } from "./networks.ts";
import { type Chosen, type Draft, holds, selectManifests, selectServices } from "./select.ts";
import { deriveFlows, deriveService, engineFlows } from "./services.ts";
import { targetsOf } from "./targets.ts";
import { add, interpose, providers, replicate } from "./verbs.ts";

/**
 * Works every fact of the project out of the catalog and the answers, once.
 *
 *     select → replicate → interpose → provide → add → derive        (then `checkPlan`)
 *
 * The phases are fixed: option order is no meaning. What cannot be resolved (a flow to nobody, a tier
 * without a network) keeps its word in the plan, where `checkPlan` finds it with file and line.
 */
export function resolvePlan(catalog: Catalog, answers: Answers): StackPlan {
  const chosen = selectManifests(catalog, answers);
  const stack = chosen.at(-1)?.source.manifest;
  if (stack === undefined || !("stack" in stack)) throw new Error(`resolvePlan wants parsed answers: there is no stack '${answers.stack}'`);

  const selected = selectServices(chosen, answers);
  const secretProviders = providers(chosen, selected);
  const replicated = replicate(
    selected.filter((draft) => !draft.added),
    chosen,
  );
  const joined = interpose(replicated, selected, chosen)
    .concat(selected.filter((draft) => draft.added))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const drafts = add(joined, chosen, answers);

  const declared = cutNetworks(chosen.at(-1)!.source as Source<StackManifest>, drafts, answers);
  const outside = chosen.flatMap(({ source }) =>
    source.manifest.flows.flatMap((flow, index): Flow[] =>
      targetsOf(flow.to, drafts).map((target) => ({
        from: flow.from,
        to: target.name,
        port: flow.port,
        over: networksOfTiers(target.manifest.networks, declared, [target]).filter((name) =>
          declared.some((network) => network.name === name && !network.internal),
        ),
        why: flow.why,
        at: placeOf(source, `/flows/${index}`),
      })),
    ),
  );
  const flows = [...outside, ...engineFlows(drafts, declared), ...deriveFlows(drafts, declared)].toSorted(
    byKey((flow) => `${flow.from}\0${flow.to}\0${String(flow.port).padStart(5, "0")}`),
  );
  const services = drafts.map((draft) => deriveService(draft, drafts, flows, declared));
  const used = new Set(services.flatMap((service) => service.networks));

  const files = chosen.flatMap((one) => filesOf(one, answers)).toSorted(byKey((file) => `${file.path}\0${file.origin}`));
  return {
    project: {
      name: answers.name,
      title: titleOf(answers.name),
      slug: slugOf(answers.name),
      stack: answers.stack,
      stackTitle: stack.title,
      stackVersion: stack.version,
      parts: [...new Set(chosen.slice(0, -1).map(({ origin }) => origin.slice("parts/".length)))],
    },
    options: Object.fromEntries(Object.entries(answers.options).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    networks: declared.filter((network) => used.has(network.name)).toSorted(byName),
    services,
    flows,
    reaches: [
      ...betweenCopies(services),
      ...chosen.flatMap(({ source }) =>
        source.manifest.reaches.flatMap((reach, index) =>
          (holds(reach.when, answers.options) ? targetsOf(reach.from, drafts) : []).flatMap((from) =>
            targetsOf(reach.to, drafts)
              .filter((to) => to !== from)
              .map((to) => ({ from: from.name, to: to.name, why: reach.why, at: placeOf(source, `/reaches/${index}`) })),
          ),
        ),
      ),
    ].toSorted(byKey((reach) => `${reach.from}\0${reach.to}`)),
    secrets: collect(chosen, answers, "secrets", (name, secret, at) => ({
      name,
      bytes: secret.bytes,
      format: secret.format,
      ...(secret.target === undefined ? {} : { target: secret.target }),
      ...(secret.ownerOnly ? { owner: ownerOf(name, services) } : {}),
      given: secret.given,
      provider: secretProviders.get(name) ?? "file",
      ...(secret.derive === undefined ? {} : { derive: secret.derive }),
      rotate: rotationOf(secret.rotate, drafts),
      consumers: services.filter((service) => service.secrets.includes(name)).map((service) => service.name),
      recreate: drafts
        .filter(({ manifest }) => manifest.secrets.includes(name) && !manifest.rereads.includes(name) && !manifest.oneShot)
        .map((draft) => draft.name)
        .toSorted(),
      why: secret.why,
      at,
    })),
    volumes: collect(chosen, answers, "volumes", (name, volume, at) => ({ name, why: volume.why, at })),
    images: collect(chosen, answers, "images", (variable, reference, at) => ({ variable, reference, at })),
    tiers: collect(chosen, answers, "tiers", (name, tier) => ({ name, ...tier })),
    variables: collect(chosen, answers, "variables", (name, { value, why, optional }, at): PlanVariable => ({
      name,
      value: fill(value, answers),
      why,
      optional,
      at,
    })),
    files,
    pages: chosen
      .flatMap(({ source }) => Object.entries(source.manifest.pages))
      .filter(([path]) => files.some((file) => file.path === path))
      .map(([path, answers]) => ({ path, answers }))
      .toSorted(byKey((page) => page.path)),
    controls: chosen
      .flatMap(({ source }) => source.manifest.controls)
      .filter((control) => holds(control.when, answers.options))
      .map(({ id, claim, file, test }) => ({ id, claim, file, test }))
      .toSorted(byKey((control) => control.id)),
  };
}

/** The uid of all who read it; several are a problem that `checkPlan` finds. */
function ownerOf(name: string, services: readonly PlanService[]): string {
  const uids = services.filter((service) => service.secrets.includes(name)).map((service) => service.user.split(":")[0] ?? "");
  return [...new Set(uids)].join(",");
}

/** A role or capability becomes the service that has it; what nobody has keeps its word, for `checkPlan` to find. */
function rotationOf(rotate: PartManifest["secrets"][string]["rotate"], drafts: readonly Draft[]): Rotation {
  if (rotate.by === "file") return rotate.keepDays === undefined ? { by: "file" } : { by: "file", keepDays: rotate.keepDays };
  const at = targetsOf(rotate.at, drafts)[0]?.name ?? rotate.at;
  if (rotate.by !== "redis-acl") return { ...rotate, at };
  return { by: rotate.by, at, user: rotate.user, ...(rotate.may === undefined ? {} : { may: rotate.may }) };
}

/** Copies are served on the same networks, so they reach each other; nothing is won by it, they may do the same. */
function betweenCopies(services: readonly PlanService[]): StackPlan["reaches"] {
  const copies = services.filter((service) => service.copy !== undefined);
  return copies.flatMap((from) =>
    copies
      .filter((to) => to !== from && to.copy?.of === from.copy?.of && to.listens.length > 0)
      .map((to) => ({ from: from.name, to: to.name, why: "Copies of one service, served on the same networks.", at: to.at })),
  );
}

function byKey<T>(key: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}
const byName = byKey((item: { readonly name: string }) => item.name);

type Collected = "secrets" | "volumes" | "images" | "tiers" | "variables";
type Entry<K extends Collected> = Chosen["source"]["manifest"][K][string];

/** All entries of one section over all manifests whose condition holds, by name. A later manifest (the stack is last) wins over its parts. */
function collect<K extends Collected, T>(
  chosen: readonly Chosen[],
  answers: Answers,
  section: K,
  make: (name: string, entry: Entry<K>, at: string) => T,
): readonly T[] {
  const found = new Map<string, T>();
  for (const { source } of chosen) {
    for (const [name, entry] of Object.entries(source.manifest[section]) as [string, Entry<K>][])
      if (typeof entry !== "object" || !("when" in entry) || holds(entry.when, answers.options))
        found.set(name, make(name, entry, placeOf(source, `/${section}/${name}`)));
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function fill(value: string, answers: Answers): string {
  return value.replace(/\{\{(project\.name|options\.([a-zA-Z0-9]+))\}\}/g, (_, whole: string, key: string | undefined) =>
    whole === "project.name" ? answers.name : String(answers.options[key ?? ""]),
  );
}

function filesOf({ origin, source }: Chosen, answers: Answers): readonly PlanFile[] {
  const rules = source.manifest.files.toSorted((a, b) => b.path.length - a.path.length);
  return source.files.flatMap((file): PlanFile[] => {
    const path = file.path.replace(/\.hbs$/, "");
    const matching = rules.filter((rule) => rule.path === path || (rule.path.endsWith("/") && path.startsWith(rule.path)));
    if (!matching.every((rule) => holds(rule.when, answers.options))) return [];
    return [{ origin, source: file.path, path, owner: matching.find((rule) => rule.owner !== undefined)?.owner ?? source.manifest.owner }];
  });
}
