import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLocation } from "react-router";
import { sessionQuery } from "../api/auth";
import { draftPlace, forgetDraft, readDraft, writeDraft } from "../storage/drafts";
import { hasChanges } from "./changes-of";

type UsedDraft<Draft> = {
  readonly draft: Draft;
  readonly write: (draft: Draft) => void;
  /** For when it is saved, or given up. */
  readonly forget: () => void;
  /** Whether it is one from before: the page was left without saving, by choice or because the session had ended. */
  readonly restored: boolean;
};

/** What somebody writes on this page. It outlives the page until it is saved or given up; not for passwords. */
export function useDraft<Draft extends object>(
  initial: Draft,
  isUnsaved: (draft: Draft) => boolean = (draft) => hasChanges(initial, draft),
): UsedDraft<Draft> {
  const queryClient = useQueryClient();
  const { pathname } = useLocation();
  // Kept from the first moment: once the session has ended nobody knows any more whose text it is.
  const [place] = useState(() => {
    const user = queryClient.getQueryData(sessionQuery.queryKey);
    return user ? draftPlace(user, pathname) : null;
  });
  const [kept] = useState(() => {
    const found = place === null ? null : readDraft(place);
    return fits(initial, found) && isUnsaved(found) ? found : null;
  });
  const [draft, setDraft] = useState(kept ?? initial);

  const forget = () => {
    if (place !== null) forgetDraft(place);
  };

  return {
    draft,
    write: (next) => {
      setDraft(next);
      if (!isUnsaved(next)) forget();
      else if (place !== null) writeDraft(place, next);
    },
    forget,
    restored: kept !== null,
  };
}

/** Whether all that the pattern has is there, and of the same kind. */
function fits<Draft>(pattern: Draft, found: unknown): found is Draft {
  if (typeof pattern !== "object" || pattern === null) return typeof found === typeof pattern;
  if (typeof found !== "object" || found === null) return false;
  const fields = new Map<string, unknown>(Object.entries(found));
  return Object.entries(pattern).every(([field, value]) => fits(value, fields.get(field)));
}
