/** The page that an address names; the first where it names none that can be. */
export function pageIn(query: URLSearchParams): number {
  const page = Number(query.get("page") ?? "1");
  return Number.isInteger(page) && page >= 1 ? page : 1;
}

/** A whole number above 0, as products are numbered; null where the address names none. */
export const numberIn = (text: string | undefined): number | null => (text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null);
