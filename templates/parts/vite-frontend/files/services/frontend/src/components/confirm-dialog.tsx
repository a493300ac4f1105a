import { useLayoutEffect, useId, useRef, type ReactNode } from "react";

type Props = {
  readonly title: string;
  readonly confirmLabel: string;
  /** Where "Cancel" could be taken for the act itself. */
  readonly cancelLabel?: string;
  readonly busy: boolean;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
  readonly children: ReactNode;
};

/** A native modal dialog: the browser keeps the focus inside, closes on Escape and gives the focus back. */
export function ConfirmDialog({ title, confirmLabel, cancelLabel = "Cancel", busy, onConfirm, onCancel, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  // A layout effect, since the focus can only go back while the dialog is still in the page.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={titleId}
      onCancel={(cancel) => {
        cancel.preventDefault();
        if (!busy) onCancel();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
      <div className="actions">
        <button type="button" className="button" onClick={onCancel} disabled={busy}>
          {cancelLabel}
        </button>
        <button type="button" className="button danger" onClick={onConfirm} disabled={busy}>
          {confirmLabel}
        </button>
      </div>
    </dialog>
  );
}
