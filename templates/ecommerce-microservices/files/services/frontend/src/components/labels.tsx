import type { OrderStatus } from "../api/types";

export const STATUS_WORDS: Readonly<Record<OrderStatus, string>> = {
  processing: "In progress",
  confirmed: "Confirmed",
  declined: "Payment declined",
  out_of_stock: "Out of stock",
  cancelling: "Being cancelled",
  cancelled: "Cancelled",
};

const KINDS: Readonly<Record<OrderStatus, string>> = {
  processing: "running",
  confirmed: "done",
  declined: "failed",
  out_of_stock: "failed",
  cancelling: "running",
  cancelled: "",
};

export function StatusBadge({ status }: { readonly status: OrderStatus }) {
  return <span className={`badge ${KINDS[status]}`}>{STATUS_WORDS[status]}</span>;
}

const FAILURE_WORDS: Readonly<Record<string, string>> = {
  card_declined: "The card was declined. Nothing was charged.",
  insufficient_funds: "There is not enough money on the card. Nothing was charged.",
  out_of_stock: "Somebody else was faster: there is not enough left. Nothing was charged.",
  price_changed: "A price changed before the order was taken. Nothing was charged.",
  timed_out: "The payment provider did not answer in time. What may have been charged goes back.",
  cancelled_by_customer: "It was cancelled as asked. What was charged goes back.",
};

export const failureInWords = (failure: string): string => FAILURE_WORDS[failure] ?? failure.replaceAll("_", " ");
