import type { Answers } from "../answers.ts";
import { type Catalog, type Source, placeOf } from "../catalog.ts";
import type { Copy, OptionValue } from "../plan.ts";
import type { PartManifest, ServiceManifest, StackManifest } from "../schema/index.ts";

/** A manifest that takes part in this project, with the name its files are known by. */
export interface Chosen {
  readonly origin: string;
  readonly source: Source<PartManifest | StackManifest>;
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

/** The stack and those of its parts whose condition holds: parts by name, the stack last. */
export function selectManifests(catalog: Catalog, answers: Answers): readonly Chosen[] {
  const stack = catalog.stacks[answers.stack];
  if (stack === undefined) return [];
  const parts = [...new Set(stack.manifest.parts)].toSorted().flatMap((id): Chosen[] => {
    const source = catalog.parts[id];
    return source !== undefined && holds(source.manifest.when, answers.options) ? [{ origin: `parts/${id}`, source }] : [];
  });
  return [...parts, { origin: answers.stack, source: stack }];
}

/** The services of the chosen manifests whose conditions hold, sorted by name. */
export function selectServices(chosen: readonly Chosen[], answers: Answers): readonly Draft[] {
  return chosen
    .flatMap(({ origin, source }) =>
      Object.entries(source.manifest.services)
        .filter(([, manifest]) => holds(manifest.when, answers.options))
        .map(([name, manifest]): Draft => ({
          name,
          part: origin,
          manifest: withAdditions({ ...manifest, routes: manifest.routes.filter((route) => holds(route.when, answers.options)) }, answers),
          added: source.manifest.when !== undefined,
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
