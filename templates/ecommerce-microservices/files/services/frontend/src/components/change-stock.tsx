import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { isCode } from "../api/errors";
import { changeStock, productKeys } from "../api/products";
import type { StockedProduct } from "../api/types";
import { Field } from "./field";
import { Form } from "./form";

const EMPTY = { change: "", reason: "" };

/** More or fewer pieces, with the reason that the audit trail keeps. */
export function ChangeStock({ product }: { readonly product: StockedProduct }) {
  const [draft, setDraft] = useState(EMPTY);
  const [said, setSaid] = useState("");
  // One key for one decision: however often it is sent, the stock changes once. Whoever writes something else decides anew.
  const key = useRef<string | null>(null);
  const queryClient = useQueryClient();
  const changing = useMutation({
    mutationFn: () => {
      key.current ??= crypto.randomUUID();
      return changeStock({ id: product.id, change: Number(draft.change), reason: draft.reason.trim(), key: key.current });
    },
    onSuccess: async (changed) => {
      key.current = null;
      setDraft(EMPTY);
      setSaid(`Saved: ${changed.available.toLocaleString()} available now.`);
      queryClient.setQueryData(productKeys.stock(product.id), changed);
      await queryClient.invalidateQueries({ queryKey: productKeys.audit(product.id) });
    },
    // Somebody may have bought what was to be taken away.
    onError: () => queryClient.invalidateQueries({ queryKey: productKeys.stock(product.id) }),
  });

  function write(change: Partial<typeof EMPTY>): void {
    key.current = null;
    setSaid("");
    changing.reset();
    setDraft({ ...draft, ...change });
  }

  const tooLow = isCode(changing.error, "stock_too_low");
  return (
    <section className="panel" aria-labelledby="change-title">
      <h2 id="change-title">Change the stock</h2>
      <Form
        error={changing.error}
        fields={["change", "reason"]}
        onSubmit={() => {
          if (!changing.isPending) changing.mutate();
        }}
      >
        {(errors) => (
          <>
            <Field
              label="Change"
              hint="12 adds pieces, -3 takes some away."
              name="change"
              required
              pattern="[+\-]?[1-9][0-9]{0,6}"
              title="A whole number other than 0, such as 12 or -3"
              autoComplete="off"
              value={draft.change}
              errors={tooLow ? ["There are not that many to take away."] : errors["change"]}
              onChange={({ target }) => write({ change: target.value.trim() })}
            />
            <Field
              label="Reason"
              name="reason"
              required
              maxLength={200}
              autoComplete="off"
              value={draft.reason}
              errors={errors["reason"]}
              onChange={({ target }) => write({ reason: target.value })}
            />
            <button type="submit" className="button primary" disabled={changing.isPending}>
              {changing.isPending ? "One moment…" : "Save"}
            </button>
            <p className="hint" role="status">
              {said}
            </p>
          </>
        )}
      </Form>
    </section>
  );
}
