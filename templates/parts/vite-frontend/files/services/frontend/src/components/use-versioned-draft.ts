import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { isStatus } from "../api/errors";

type Options<Stored, Draft> = {
  readonly stored: Stored;
  readonly draftOf: (stored: Stored) => Draft;
  readonly save: (from: number, draft: Draft) => Promise<Stored>;
  /** How the API says that what it has is no longer the version that the change was made from. */
  readonly conflictStatus: 409 | 412;
  readonly onSaved: (saved: Stored) => Promise<void>;
};

/** Changes something of which the API keeps a version: what a form needs, and what a ConflictNotice, while there is a conflict. */
export function useVersionedDraft<Stored extends { readonly version: number }, Draft>(options: Options<Stored, Draft>) {
  const { stored, draftOf, save, conflictStatus, onSaved } = options;
  // Where this text started from. Later answers of the API must neither move it nor touch what is being typed.
  const [version, setVersion] = useState(stored.version);
  const [draft, setDraft] = useState(() => draftOf(stored));
  const saving = useMutation({ mutationFn: (from: number) => save(from, draft), onSuccess: onSaved });
  const conflict = isStatus(saving.error, conflictStatus) ? saving.error : null;

  return {
    form: {
      draft,
      onChange: (changed: Draft) => setDraft(changed),
      busy: saving.isPending || conflict !== null,
      error: conflict === null ? saving.error : null,
      onSubmit: () => saving.mutate(version),
    },
    conflict: conflict && {
      requestId: conflict.requestId,
      onKeepMine: (theirs: Stored) => {
        setVersion(theirs.version);
        saving.mutate(theirs.version);
      },
      onTakeTheirs: (theirs: Stored) => {
        setVersion(theirs.version);
        setDraft(draftOf(theirs));
        saving.reset();
      },
    },
  };
}
