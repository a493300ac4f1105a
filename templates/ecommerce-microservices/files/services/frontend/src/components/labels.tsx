import type { OrderState } from "../api/types";
import { sentence } from "./sentence";

export const STATE_WORDS: Readonly<Record<OrderState, string>> = {
  processing: "In progress",
  confirmed: "Confirmed",
  declined: "Payment declined",
  out_of_stock: "Out of stock",
  cancelling: "Being cancelled",
  cancelled: "Cancelled",
};

const KINDS: Readonly<Record<OrderState, string>> = {
  processing: "running",
  confirmed: "done",
  declined: "failed",
  out_of_stock: "failed",
  cancelling: "running",
  cancelled: "",
};

export function StateBadge({ state }: { readonly state: OrderState }) {
  return <span className={`badge ${KINDS[state]}`}>{STATE_WORDS[state]}</span>;
}

const REASON_WORDS: Readonly<Record<string, string>> = {
  card_declined: "The card was declined. Nothing was charged.",
  insufficient_funds: "There is not enough money on the card. Nothing was charged.",
  out_of_stock: "Somebody else was faster: there is not enough left. Nothing was charged.",
  price_changed: "A price changed before the order was taken. Nothing was charged.",
  timed_out: "The payment provider did not answer in time. What may have been charged goes back.",
  cancelled_by_customer: "It was cancelled as asked. What was charged goes back.",
};

export const reasonInWords = (reason: string): string => REASON_WORDS[reason] ?? `${sentence(reason)}.`;
