import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { useAccount } from "../api/account";
import { stockListQuery } from "../api/products";
import type { StockedProduct } from "../api/types";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { Pagination } from "../components/pagination";
import { SearchField } from "../components/search-field";
import { NotFoundPage } from "./not-found";
import { pageIn } from "./page-in";

/** For administrators; the API refuses everybody else, whatever this page shows. */
export function StockListPage() {
  return useAccount()?.role === "admin" ? <Stock /> : <NotFoundPage />;
}

function Stock() {
  const [query, setQuery] = useSearchParams();
  const search = query.get("search") ?? "";
  const page = pageIn(query);
  const products = useQuery(stockListQuery({ search, page }));

  return (
    <>
      <PageHeading title="Stock" />
      <search className="filters">
        <SearchField search={search} onSearch={(words) => setQuery(words === "" ? {} : { search: words }, { replace: true })} />
      </search>
      {products.isPending && <Loading what="the stock" />}
      {products.error !== null && <ErrorNotice error={products.error} onRetry={() => void products.refetch()} />}
      {products.data !== undefined && (
        <div aria-busy={products.isPlaceholderData}>
          <p className="count" role="status">
            {products.data.count === 1 ? "1 product" : `${products.data.count} products`}
          </p>
          {products.data.results.length > 0 && <Table products={products.data.results} />}
          <Pagination
            page={page}
            hasPrevious={page > 1}
            hasNext={products.data.next !== null}
            onGo={(to) => setQuery({ ...(search === "" ? {} : { search }), page: String(to) })}
          />
        </div>
      )}
    </>
  );
}

function Table({ products }: { readonly products: readonly StockedProduct[] }) {
  return (
    <table className="stock">
      <thead>
        <tr>
          <th scope="col">Product</th>
          <th scope="col">Available</th>
          <th scope="col">Reserved</th>
          <th scope="col">Sold</th>
        </tr>
      </thead>
      <tbody>
        {products.map(({ id, name, available, reserved, sold }) => (
          <tr key={id}>
            <th scope="row">
              <Link to={`/stock/${id}`}>{name}</Link>
            </th>
            <td>{available.toLocaleString()}</td>
            <td>{reserved.toLocaleString()}</td>
            <td>{sold.toLocaleString()}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
