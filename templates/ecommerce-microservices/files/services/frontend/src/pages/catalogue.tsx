import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { Link, useSearchParams } from "react-router";
import { PAGE_SIZE, productListQuery } from "../api/products";
import { shopQuery } from "../api/shop";
import type { Product } from "../api/types";
import { AddToCart } from "../components/add-to-cart";
import { Availability } from "../components/availability";
import { CloseMatches } from "../components/close-matches";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { Pagination } from "../components/pagination";
import { Price } from "../components/price";
import { SearchField } from "../components/search-field";
import { pageIn } from "./page-in";

export function CataloguePage() {
  const [query, setQuery] = useSearchParams();
  const search = query.get("search") ?? "";
  const page = pageIn(query);
  const products = useQuery(productListQuery({ search, page }));
  const shop = useQuery(shopQuery);
  const count = useRef<HTMLParagraphElement>(null);
  const pages = Math.max(1, Math.ceil((products.data?.count ?? 0) / PAGE_SIZE));

  function go(to: number): void {
    setQuery({ ...(search === "" ? {} : { search }), page: String(to) });
    // The button stands below the list; what one wants to see next begins above it.
    count.current?.focus();
  }

  return (
    <>
      <PageHeading title="Products" />
      <search className="filters">
        <SearchField search={search} onSearch={(words) => setQuery(words === "" ? {} : { search: words }, { replace: true })} />
      </search>
      {products.isPending && <Loading what="products" />}
      {products.error !== null && <ErrorNotice error={products.error} onRetry={() => void products.refetch()} />}
      {products.data !== undefined && (
        <div aria-busy={products.isPlaceholderData}>
          <p className="count" role="status" tabIndex={-1} ref={count}>
            {countInWords(products.data.count, search)}
            {pages > 1 && `, page ${page} of ${pages}`}
          </p>
          {products.data.results.length > 0 && <Cards products={products.data.results} />}
          {products.data.results.length === 0 && <Nothing search={search} />}
          <Pagination page={page} hasPrevious={page > 1} hasNext={page < pages} onGo={go} />
        </div>
      )}
      {shop.data?.ai.includes("search") && search !== "" && products.isSuccess && !products.isPlaceholderData && (
        <CloseMatches words={search} except={products.data.results.map(({ id }) => id)} />
      )}
    </>
  );
}

function Cards({ products }: { readonly products: readonly Product[] }) {
  return (
    <ul className="products">
      {products.map((product) => (
        <li key={product.id} className="product-card linked">
          <h2>
            <Link to={`/products/${product.id}`}>{product.name}</Link>
          </h2>
          <p className="product-text">{product.description}</p>
          <p className="meta">
            <Price cents={product.price_cents} currency={product.currency} />
            <Availability available={product.available} />
          </p>
          <AddToCart product={product} />
        </li>
      ))}
    </ul>
  );
}

function Nothing({ search }: { readonly search: string }) {
  return (
    <div className="empty">
      {search === "" ? <p>There is nothing here yet.</p> : <p>Try fewer or other words.</p>}
    </div>
  );
}

function countInWords(count: number, search: string): string {
  const what = count === 1 ? "1 product" : `${count === 0 ? "No" : count} products`;
  return search === "" ? what : `${what} for “${search}”`;
}
