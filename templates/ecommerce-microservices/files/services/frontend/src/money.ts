import type { Amount } from "./api/types";

const AMOUNT = /^(-?)(\d+)(?:\.(\d{1,2}))?$/;

/** Hundredths, as a whole number: sums of floats are wrong by a cent sooner or later. */
export function hundredths(amount: Amount): number {
  const [, sign = "", whole = "", part = ""] = AMOUNT.exec(amount) ?? [];
  if (whole === "") throw new Error(`Not an amount: ${amount}`);
  return (sign === "-" ? -1 : 1) * (Number(whole) * 100 + Number(part.padEnd(2, "0")));
}

export function toAmount(value: number): Amount {
  const digits = String(Math.abs(value)).padStart(3, "0");
  return `${value < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export const times = (price: Amount, quantity: number): Amount => toAmount(hundredths(price) * quantity);

export const sum = (amounts: readonly Amount[]): Amount => toAmount(amounts.reduce((total, amount) => total + hundredths(amount), 0));

/** In the words of the reader's language. */
export const inWords = (amount: Amount, currency: string): string =>
  new Intl.NumberFormat(undefined, { style: "currency", currency }).format(hundredths(amount) / 100);
