/**
 * Text search that every server has: a ticket keeps the words it can be found by, and a search compares their beginnings,
 * which an index answers. MongoDB's own $text would know stems and stop words of one language.
 */

const MAX_WORDS = 500;
const MAX_LENGTH = 40;
const MAX_SEARCH_WORDS = 8;

/** Lower case, without accents: "Übermäßig" is found by "uber". */
export function wordsOf(text: string): readonly string[] {
  const plain = text.normalize("NFKD").replaceAll(/\p{M}+/gu, "").toLowerCase();
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.map((word) => [...word].slice(0, MAX_LENGTH).join("")))].slice(0, MAX_WORDS);
}

export const searchWords = (search: string): readonly string[] => wordsOf(search).slice(0, MAX_SEARCH_WORDS);
