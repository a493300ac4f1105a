/** The fields of a draft that are no longer what they were at the start. */
export function changesOf<Draft extends object>(start: Draft, draft: Draft): Partial<Draft> {
  const before = new Map<string, unknown>(Object.entries(start));
  return Object.fromEntries(Object.entries(draft).filter(([field, value]) => before.get(field) !== value)) as Partial<Draft>;
}

/** Whether there is anything to save. */
export const hasChanges = <Draft extends object>(start: Draft, draft: Draft): boolean => Object.keys(changesOf(start, draft)).length > 0;
