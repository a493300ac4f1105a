import type { User } from "../api/shared-types";

const PREFIX = "draft:";

/** Where a draft of this user lies: one for each page. */
export const draftPlace = (user: User, path: string): string => `${prefixOf(user)}${path}`;

/** What lies there, whatever it is: somebody may have put it there, or an older version of the application. */
export const readDraft = (place: string): unknown =>
  attempt((storage) => JSON.parse(storage.getItem(place) ?? "null") as unknown);

/** Keeps a draft for as long as the tab is open. */
export const writeDraft = (place: string, draft: unknown): void => {
  attempt((storage) => storage.setItem(place, JSON.stringify(draft)));
};

/** For what was saved, or given up. */
export const forgetDraft = (place: string): void => {
  attempt((storage) => storage.removeItem(place));
};

/** Forgets all drafts, or those of others: on a shared computer nobody finds what somebody else has written. */
export const forgetDrafts = (exceptOf?: User): void => {
  attempt((storage) => {
    for (const place of Object.keys(storage))
      if (place.startsWith(PREFIX) && (exceptOf === undefined || !place.startsWith(prefixOf(exceptOf)))) storage.removeItem(place);
  });
};

const prefixOf = ({ id }: User): string => `${PREFIX}${id}:`;

/** A browser may forbid storage, and a full one refuses. A draft then lives as long as its page. */
function attempt<Result>(access: (storage: Storage) => Result): Result | null {
  try {
    return access(sessionStorage);
  } catch {
    return null;
  }
}
