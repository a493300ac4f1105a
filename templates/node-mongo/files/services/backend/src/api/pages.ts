import { type Static, Type } from "typebox";

import { invalid } from "./problems.ts";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** Of every list: where to go on, how many, what to look for. Query strings are text, so `limit` is one here. */
export const PageQuery = Type.Object(
  {
    cursor: Type.Optional(Type.String({ maxLength: 64 })),
    limit: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,2}$" })),
    search: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);

export interface Page<View> {
  readonly results: View[];
  readonly next: string | null;
}

/**
 * A page, and the cursor of the next one: the id where this one ends. What is added or removed meanwhile
 * neither repeats nor hides anything, and the last page costs no more than the first.
 */
export async function pageOf<Item extends { readonly _id: string }, View>(
  query: Pick<Static<typeof PageQuery>, "cursor" | "limit">,
  find: (page: { readonly after: string | null; readonly limit: number }) => Promise<readonly Item[]>,
  view: (item: Item) => View,
): Promise<Page<View>> {
  const limit = Math.min(Number(query.limit ?? DEFAULT_LIMIT), MAX_LIMIT);
  // One more than is shown says whether there is more.
  const found = await find({ after: decode(query.cursor), limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return { results: shown.map(view), next: found.length > limit && last !== undefined ? encode(last._id) : null };
}

const encode = (id: string): string => Buffer.from(`after:${id}`).toString("base64url");

function decode(cursor: string | undefined): string | null {
  if (cursor === undefined || cursor === "") return null;
  const match = /^after:([0-9a-f]{24})$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match?.[1] === undefined) throw invalid({ cursor: ["Take it from `next` of the page before."] });
  return match[1];
}
