import type { Answers } from "../answers.ts";
import { placeOf, type Source } from "../catalog.ts";
import type { PlanNetwork } from "../plan.ts";
import type { StackManifest } from "../schema/index.ts";
import { type Draft, holds } from "./select.ts";

/** The networks of the stack, cut as the answers say; one that has segments becomes one for each service that is served on it. */
export function cutNetworks(source: Source<StackManifest>, drafts: readonly Draft[], answers: Answers): readonly PlanNetwork[] {
  return Object.entries(source.manifest.networks)
    .filter(([, network]) => holds(network.when, answers.options))
    .flatMap(([name, network]): readonly PlanNetwork[] => {
      const whole: PlanNetwork = {
        name,
        tiers: [...network.tiers].toSorted(),
        internal: network.internal,
        ...(network.subnet === undefined ? {} : { subnet: network.subnet }),
        why: network.why,
        at: placeOf(source, `/networks/${name}`),
      };
      if (!network.segments) return [whole];
      const served = drafts.filter((draft) => [...draft.manifest.networks, ...(draft.joins ?? [])].some((tier) => network.tiers.includes(tier)));
      return sortUnique(served.map(baseOf)).map((of) => ({ ...whole, name: `${name}-${of}`, of }));
    });
}

/** What a service is called apart from its copies, which share what is theirs. */
function baseOf(draft: Draft): string {
  return draft.copy?.of ?? draft.name;
}

/**
 * The networks that bear one of the tiers; of one with segments those of these services. A tier without a network keeps its own word,
 * for the check to find.
 */
export function networksOfTiers(tiers: readonly string[], networks: readonly PlanNetwork[], served: readonly Draft[]): readonly string[] {
  const bases = served.map(baseOf);
  return sortUnique(
    tiers.flatMap((tier) => {
      const bearing = networks.filter((network) => network.tiers.includes(tier) && (network.of === undefined || bases.includes(network.of)));
      return bearing.length > 0 ? bearing.map((network) => network.name) : [tier];
    }),
  );
}

export function sortUnique(words: Iterable<string>): readonly string[] {
  return [...new Set(words)].toSorted();
}
