import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { isStatus } from "../api/errors";
import { changesOf, hasChanges } from "./changes-of";
import { useDraft } from "./use-draft";

type Options<Stored, Draft> = {
  readonly stored: Stored;
  readonly draftOf: (stored: Stored) => Draft;
  /** Fields that a ConflictNotice does not show by itself, by their labels and in words. */
  readonly otherFields?: Readonly<Record<string, (draft: Draft) => string>>;
  readonly save: (from: number, changes: Partial<Draft>) => Promise<Stored>;
  /** How the API says that what it has is no longer the version that the change was made from. */
  readonly conflictStatus: 409 | 412;
  readonly onSaved: (saved: Stored) => void;
  /** The page to go to when it is saved, or given up. */
  readonly leaveTo: string;
};

/** A text as it was read and as it is now. Later answers of the API must neither move the one nor touch the other. */
type Edit<Draft> = {
  readonly version: number;
  readonly start: Draft;
  readonly draft: Draft;
};

/** Changes something of which the API keeps a version: what a form needs, and what a ConflictNotice, while there is a conflict. */
export function useVersionedDraft<Stored extends { readonly version: number }, Draft extends object>(options: Options<Stored, Draft>) {
  const { stored, draftOf, otherFields = {}, save, conflictStatus, onSaved, leaveTo } = options;
  const { draft: edit, write, forget, restored } = useDraft(editOf(stored), ({ start, draft }) => hasChanges(start, draft));
  const navigate = useNavigate();
  const saving = useMutation({
    mutationFn: ({ version, start, draft }: Edit<Draft>) => save(version, changesOf(start, draft)),
    onSuccess: async (saved) => {
      forget();
      onSaved(saved);
      await navigate(leaveTo);
    },
  });
  const conflict = isStatus(saving.error, conflictStatus) ? saving.error : null;

  function editOf(from: Stored): Edit<Draft> {
    const start = draftOf(from);
    return { version: from.version, start, draft: start };
  }

  /** What the writer left alone is theirs: whoever sees another title has not decided on the rest. */
  function overTheirs(theirs: Stored): Edit<Draft> {
    const fresh = editOf(theirs);
    return { ...fresh, draft: { ...fresh.draft, ...changesOf(edit.start, edit.draft) } };
  }

  function submit(next: Edit<Draft>): void {
    if (hasChanges(next.start, next.draft)) saving.mutate(next);
    else void navigate(leaveTo);
  }

  return {
    form: {
      draft: edit.draft,
      onChange: (draft: Draft) => write({ ...edit, draft }),
      restored,
      cancelTo: leaveTo,
      onCancel: forget,
      busy: saving.isPending || conflict !== null,
      error: conflict === null ? saving.error : null,
      onSubmit: () => submit(edit),
    },
    conflict: conflict && {
      requestId: conflict.requestId,
      otherFieldsOf: (theirs: Stored) => {
        const [saved, kept] = [draftOf(theirs), overTheirs(theirs).draft];
        return Object.entries(otherFields)
          .map(([label, inWords]) => ({ label, saved: inWords(saved), mine: inWords(edit.draft), kept: inWords(kept) }))
          .filter((field) => field.saved !== field.mine);
      },
      onKeepMine: (theirs: Stored) => {
        const next = overTheirs(theirs);
        write(next);
        submit(next);
      },
      onTakeTheirs: (theirs: Stored) => {
        write(editOf(theirs));
        saving.reset();
      },
    },
  };
}
