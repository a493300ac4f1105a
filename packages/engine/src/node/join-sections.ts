import { placeOf, pointerTo, type Problem } from "@breakwater/model";

/** One file of a manifest, or several as one: what it says, and where. */
export interface Piece {
  readonly path: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly lines: Readonly<Record<string, number | string>>;
}

type Values = Readonly<Record<string, unknown>>;

/**
 * The whole with the sections of an included file: maps are joined by key, and a key is in one file alone (`manifest-twice`); lists go on,
 * those of `verbs` too. Both fit their schemas, so a section has one form in both, and so has what comes out.
 */
export function joinSections(whole: Piece, piece: Piece, name: string, problems: Problem[]): Piece {
  const data: Record<string, unknown> = { ...whole.data };
  for (const [section, value] of Object.entries(piece.data)) {
    const taken = whole.data[section];
    data[section] = Array.isArray(taken) ? [...taken, ...(value as unknown[])] : { ...(taken as Values), ...(value as Values) };
    if (Array.isArray(taken)) continue;
    for (const [key, entry] of Object.entries(value as Values)) {
      const before = Object.hasOwn(taken as Values, key) ? (taken as Values)[key] : undefined;
      if (before === undefined) continue;
      if (Array.isArray(before)) (data[section] as Record<string, unknown>)[key] = [...before, ...(entry as unknown[])];
      else problems.push(twice(whole, piece, section, key));
    }
  }
  const moved = Object.entries(piece.lines).map(([pointer, line]) => [renumbered(pointer, whole.data), `${name}:${line}`]);
  return { path: whole.path, data, lines: { ...Object.fromEntries(moved), ...whole.lines } };
}

function twice(whole: Piece, piece: Piece, section: string, key: string): Problem {
  const pointer = pointerTo(section, key);
  return {
    code: "manifest-twice",
    at: placeOf(piece, pointer),
    message: `${section}.${key} is in ${placeOf(whole, pointer)} already`,
    hint: "keep one of them",
  };
}

/** The pointer of a list's item behind the items that are there. */
function renumbered(pointer: string, data: Values): string {
  const words = pointer.split("/");
  const [, section = "", key = ""] = words;
  const value = data[section];
  const index = Array.isArray(value) ? 2 : 3;
  const list = Array.isArray(value) ? value : (value as Values | undefined)?.[key];
  if (!Array.isArray(list) || words[index] === undefined) return pointer;
  return words.with(index, String(Number(words[index]) + list.length)).join("/");
}
