import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { closeToQuery } from "../api/suggestions";
import { NoSuggestions } from "./no-suggestions";

type Props = { readonly words: string; readonly except: readonly number[] };

/** What the search service finds besides: misspelt words, neighbouring ones. */
export function CloseMatches({ words, except }: Props) {
  const close = useQuery(closeToQuery(words));
  const others = close.data?.results.filter(({ product_id }) => !except.includes(product_id)) ?? [];

  if (close.error !== null) return <NoSuggestions error={close.error} />;
  if (others.length === 0) return null;
  return (
    <section className="suggestions" aria-labelledby="close-title">
      <h2 id="close-title">Close to “{words}”</h2>
      <ul className="matches">
        {others.map(({ product_id, name }) => (
          <li key={product_id}>
            <Link to={`/products/${product_id}`}>{name}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
