const NAMES = new Intl.DisplayNames(undefined, { type: "region" });

/** In the reader's language; what is no code of a country is shown as it is. */
export function countryName(code: string): string {
  try {
    return NAMES.of(code) ?? code;
  } catch {
    return code;
  }
}
