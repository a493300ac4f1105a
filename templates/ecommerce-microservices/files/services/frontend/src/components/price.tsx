import { inWords } from "../money";

export function Price({ cents, currency }: { readonly cents: number; readonly currency: string }) {
  return <span className="price">{inWords(cents, currency)}</span>;
}
