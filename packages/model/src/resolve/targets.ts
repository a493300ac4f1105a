import type { Draft } from "./select.ts";

/** Those a flow may mean: services that are, or provide, what it asks for; a name only as the interpose verb writes it. */
export function targetsOf(word: string, drafts: readonly Draft[]): readonly Draft[] {
  const byRole = drafts.filter((draft) => draft.manifest.role === word || draft.manifest.provides.includes(word));
  return byRole.length > 0 ? byRole : drafts.filter((draft) => draft.name === word);
}
