/** In the words of the reader's language. Amounts are whole cents everywhere else. */
export const inWords = (cents: number, currency: string): string =>
  new Intl.NumberFormat(undefined, { style: "currency", currency }).format(cents / 100);
