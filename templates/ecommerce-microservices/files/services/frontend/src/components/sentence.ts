/** The API's word for something ("stock_reserved"), as the beginning of a sentence. */
export function sentence(word: string): string {
  const words = word.replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
