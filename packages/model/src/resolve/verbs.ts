import { placeOf } from "../catalog.ts";
import type { Answers } from "../answers.ts";
import type { MountManifest } from "../schema/index.ts";
import { type Chosen, commandWith, type Draft, holds } from "./select.ts";
import { targetsOf } from "./targets.ts";

/*
 * The verbs that change a set of services. Each runs over all parts in name order, so the order in
 * which options were given is not meaning.
 */

/**
 * replicate: every service of the role becomes one a copy. The first copy keeps the name, so that whoever calls the
 * service in a project without copies still finds it; host ports stay with it. The others stand by.
 */
export function replicate(drafts: readonly Draft[], chosen: readonly Chosen[]): readonly Draft[] {
  const rules = chosen.flatMap(({ source }) => source.manifest.verbs.replicate);
  return drafts.flatMap((draft) => {
    // The stack stands last, and its word wins over its parts'.
    const rule = rules.findLast((candidate) => candidate.role === draft.manifest.role);
    if (rule === undefined) return [draft];
    return rule.into.map((copy, index): Draft => {
      const { development, ...rest } = draft.manifest;
      const manifest = index === 0 || development === undefined ? draft.manifest : { ...rest, development: { ...development, publish: [] } };
      return {
        ...draft,
        name: index === 0 ? draft.name : `${draft.name}-${copy}`,
        manifest,
        copy: { of: draft.name, name: copy, standby: index > 0, ...(rule.unit === undefined ? {} : { unit: rule.unit }) },
      };
    });
  });
}

/** interpose: the callers' flows to a capability end at the interposed service, which alone keeps the flow to it. */
export function interpose(drafts: readonly Draft[], all: readonly Draft[], chosen: readonly Chosen[]): readonly Draft[] {
  const rules = chosen.flatMap(({ source }) => source.manifest.verbs.interpose);
  return rules
    .toSorted((a, b) => (a.service < b.service ? -1 : 1))
    .reduce<readonly Draft[]>((current, rule) => {
      const port = all.find((draft) => draft.name === rule.service)?.manifest.listens[0]?.port;
      return current.map((draft) => {
        const isCaller = [draft.manifest.role, ...draft.manifest.provides].some((word) => rule.callers.includes(word));
        if (draft.name === rule.service || !isCaller) return draft;
        if (!draft.manifest.talksTo.some((flow) => flow.to === rule.before)) return draft;
        const talksTo = draft.manifest.talksTo.map((flow) => {
          if (flow.to !== rule.before) return flow;
          const { port: _, over: __, ...rest } = flow;
          return { ...rest, to: rule.service, ...(port === undefined ? {} : { port }) };
        });
        return { ...draft, manifest: { ...draft.manifest, talksTo }, told: { ...draft.told, ...rule.environment } };
      });
    }, drafts);
}

/** add: what a part needs of services that other parts bring; all of it joins what their own manifests say. */
export function add(drafts: readonly Draft[], chosen: readonly Chosen[], answers: Answers): readonly Draft[] {
  const rules = chosen.flatMap(({ source }) =>
    source.manifest.verbs.add.flatMap((rule, index) =>
      holds(rule.when, answers.options)
        ? [{ rule, names: targetsOf(rule.to, drafts).map((draft) => draft.name), at: placeOf(source, `/verbs/add/${index}`) }]
        : [],
    ),
  );
  return drafts.map((draft) =>
    rules
      .filter(({ names }) => names.includes(draft.name))
      .reduce<Draft>(
        ({ manifest, flowPlaces, ...rest }, { rule, at }) => ({
          ...rest,
          flowPlaces: [...flowPlaces, ...rule.talksTo.map(() => at)],
          joins: [...(rest.joins ?? []), ...rule.networks],
          manifest: {
            ...manifest,
            listens: [...manifest.listens, ...rule.listens],
            talksTo: [...manifest.talksTo, ...rule.talksTo],
            environment: { ...manifest.environment, ...rule.environment },
            ...commandWith(manifest.command, rule.command),
            ...(rule.servesTls === undefined ? {} : { servesTls: rule.servesTls }),
            ...(rule.user === undefined ? {} : { user: rule.user }),
            ...(rule.memory === undefined || manifest.limits === undefined ? {} : { limits: { ...manifest.limits, memory: rule.memory } }),
            secrets: [...manifest.secrets, ...rule.secrets],
            rereads: [...manifest.rereads, ...rule.rereads],
            volumes: [...manifest.volumes, ...rule.volumes.filter((one) => !manifest.volumes.some((other) => sameMount(one, other)))],
            ...(manifest.build === undefined
              ? {}
              : { build: { ...manifest.build, images: [...new Set([...manifest.build.images, ...rule.images])] } }),
          },
        }),
        draft,
      ),
  );
}

/** A part that stands under several names says some things for each of them. */
function sameMount(one: MountManifest, other: MountManifest): boolean {
  const sourceOf = (mount: MountManifest) => ("volume" in mount ? `volume ${mount.volume}` : `bind ${mount.bind}`);
  return one.target === other.target && sourceOf(one) === sourceOf(other);
}

/** provide: through which service a secret's file is fetched; what that service itself reads stays a file. */
export function providers(chosen: readonly Chosen[], drafts: readonly Draft[]): ReadonlyMap<string, string> {
  const rules = chosen.flatMap(({ source }) => source.manifest.verbs.provide);
  const every = chosen.flatMap(({ source }) => Object.keys(source.manifest.secrets));
  return new Map(
    rules.flatMap((rule) => {
      const own = drafts.find((draft) => draft.name === rule.from)?.manifest.secrets ?? [];
      return (rule.secrets ?? every.filter((name) => !own.includes(name))).map((secret): [string, string] => [secret, rule.from]);
    }),
  );
}
