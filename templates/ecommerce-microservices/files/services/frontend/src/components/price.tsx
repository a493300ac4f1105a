import type { Amount } from "../api/types";
import { inWords } from "../money";

export function Price({ amount, currency }: { readonly amount: Amount; readonly currency: string }) {
  return <span className="price">{inWords(amount, currency)}</span>;
}
