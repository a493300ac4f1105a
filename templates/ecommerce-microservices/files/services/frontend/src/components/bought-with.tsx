import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { productsByIdQuery } from "../api/products";
import { boughtWithQuery } from "../api/suggestions";
import { NoSuggestions } from "./no-suggestions";
import { Price } from "./price";

/** The service knows ids; names and prices are the catalogue's. What it no longer has is left out. */
export function BoughtWith({ id }: { readonly id: number }) {
  const found = useQuery(boughtWithQuery(id));
  const ids = found.data?.results.map(({ product_id }) => product_id).filter((other) => other !== id) ?? [];
  const sold = useQuery(productsByIdQuery(ids));
  const products = ids.flatMap((other) => sold.data?.filter((product) => product.id === other) ?? []);

  if (found.error !== null) return <NoSuggestions error={found.error} />;
  if (products.length === 0) return null;
  return (
    <section className="suggestions" aria-labelledby="with-title">
      <h2 id="with-title">Others also bought</h2>
      <ul className="suggested">
        {products.map((product) => (
          <li key={product.id}>
            <Link to={`/products/${product.id}`}>{product.name}</Link>
            <Price cents={product.price_cents} currency={product.currency} />
          </li>
        ))}
      </ul>
    </section>
  );
}
