import type { Answers } from "../answers.ts";
import { type Catalog, type Source, placeOf } from "../catalog.ts";
import type { Copy, OptionValue } from "../plan.ts";
import type { PartManifest, ServiceManifest, StackManifest } from "../schema/index.ts";
import { standAs, wordsOf } from "./stand-as.ts";

/** A manifest that takes part in this project, with the name its files are known by. */
export interface Chosen {
  readonly origin: string;
  readonly source: Source<PartManifest | StackManifest>;
  /** It is there because an option holds. */
  readonly optional: boolean;
  /** Secrets that its services know under other names. */
  readonly sees?: Readonly<Record<string, string>>;
}

/** A service before its networks, flows and environment are worked out. */
export interface Draft {
  readonly name: string;
  readonly part: string;
  readonly manifest: ServiceManifest;
  /** Comes from a part that an option adds: it joins after replicate, interpose and provide, untouched by them. */
  readonly added: boolean;
  readonly at: string;
  readonly flowPlaces: readonly string[];
  readonly copy?: Copy;
  /** What a verb tells this service alone; who shares its environment does not get it. */
  readonly told?: Readonly<Record<string, string>>;
  /** Tiers that other parts put it on: they carry the flows that name them (`over`) and no others. */
  readonly joins?: readonly string[];
  /** Secrets that it knows under other names. */
  readonly sees?: Readonly<Record<string, string>>;
}

/** True when an option condition (`admin`, `!admin`, `tls=modern`) holds. */
export function holds(condition: string | undefined, options: Readonly<Record<string, OptionValue>>): boolean {
  if (condition === undefined) return true;
  const negated = condition.startsWith("!");
  const [key, value] = (negated ? condition.slice(1) : condition).split("=", 2);
  const answer = options[key ?? ""];
  const met = value === undefined ? answer === true : String(answer) === value;
  return met !== negated;
}

/** The stack and those of its parts whose condition holds: parts by name, the stack last. One that stands under several names is there once for each. */
export function selectManifests(catalog: Catalog, answers: Answers): readonly Chosen[] {
  const stack = catalog.stacks[answers.stack];
  if (stack === undefined) return [];
  const { stands } = stack.manifest;
  const present = [...new Set(stack.manifest.parts)].toSorted().flatMap((id) => {
    const source = catalog.parts[id];
    if (source === undefined) return [];
    const when = stands[id]?.when ?? source.manifest.when;
    return holds(when, answers.options) ? [{ id, source, optional: when !== undefined, names: stands[id]?.as ?? [] }] : [];
  });
  const parts = present.flatMap(({ id, source, optional, names }): Chosen[] => {
    const origin = `parts/${id}`;
    if (names.length === 0) return [{ origin, source, optional }];
    return names.map((name, index) => ({
      origin,
      optional,
      ...standAs(source, name, index, wordsOf(present.filter((other) => other.names.includes(name)).map((other) => other.source))),
    }));
  });
  return [...parts, { origin: answers.stack, source: stack, optional: false }];
}

/** The services of the chosen manifests whose conditions hold, sorted by name. */
export function selectServices(chosen: readonly Chosen[], answers: Answers): readonly Draft[] {
  return chosen
    .flatMap(({ origin, source, optional, sees }) =>
      Object.entries(source.manifest.services)
        .filter(([, manifest]) => holds(manifest.when, answers.options))
        .map(([name, manifest]): Draft => ({
          name,
          part: origin,
          manifest: withAdditions({ ...manifest, routes: manifest.routes.filter((route) => holds(route.when, answers.options)) }, answers),
          added: optional,
          ...(sees === undefined ? {} : { sees }),
          at: placeOf(source, `/services/${name}`),
          flowPlaces: manifest.talksTo.map((_, index) => placeOf(source, `/services/${name}/talksTo/${index}`)),
        })),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A command with further words at its end; nothing where nobody says any. */
export function commandWith(command: readonly string[] | undefined, more: readonly string[]): { readonly command?: string[] } {
  return more.length === 0 ? {} : { command: [...(command ?? []), ...more] };
}

function withAdditions(manifest: ServiceManifest, answers: Answers): ServiceManifest {
  return manifest.additions
    .filter((addition) => holds(addition.when, answers.options))
    .reduce(
      (sum, addition) => ({
        ...sum,
        environment: { ...sum.environment, ...addition.environment },
        ...commandWith(sum.command, addition.command),
        networks: [...sum.networks, ...addition.networks],
        secrets: [...sum.secrets, ...addition.secrets],
        rereads: [...sum.rereads, ...addition.rereads],
        volumes: [...sum.volumes, ...addition.volumes],
      }),
      manifest,
    );
}
