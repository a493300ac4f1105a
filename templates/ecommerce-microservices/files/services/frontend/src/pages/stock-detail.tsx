import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { useAccount } from "../api/account";
import { stockQuery } from "../api/products";
import type { StockedProduct } from "../api/types";
import { ChangeStock } from "../components/change-stock";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { Movements } from "../components/movements";
import { PageHeading } from "../components/page-heading";
import { NotFoundPage } from "./not-found";
import { numberIn } from "./page-in";

/** For administrators; the API refuses everybody else, whatever this page shows. */
export function StockDetailPage() {
  const id = numberIn(useParams()["id"]);
  const isAdmin = useAccount()?.role === "admin";
  if (!isAdmin) return <NotFoundPage />;
  return id === null ? <NotFoundPage what="product" /> : <Detail key={id} id={id} />;
}

function Detail({ id }: { readonly id: number }) {
  const product = useQuery(stockQuery(id));

  if (product.data === null) return <NotFoundPage what="product" />;
  return (
    <article>
      <p className="back">
        <Link to="/stock">Stock</Link>
      </p>
      {product.isPending && <Loading what="the product" />}
      {product.error !== null && <ErrorNotice error={product.error} onRetry={() => void product.refetch()} />}
      {product.data && <Known product={product.data} />}
    </article>
  );
}

function Known({ product }: { readonly product: StockedProduct }) {
  return (
    <>
      <PageHeading title={product.name} />
      <div className="columns">
        <div className="side beside">
          <div className="panel" role="status">
            <dl className="figures">
              {(["available", "reserved", "sold"] as const).map((key) => (
                <div key={key}>
                  <dt>{key.charAt(0).toUpperCase() + key.slice(1)}</dt>
                  <dd>{product[key].toLocaleString()}</dd>
                </div>
              ))}
            </dl>
          </div>
          <ChangeStock product={product} />
        </div>
        <Movements id={product.id} />
      </div>
    </>
  );
}
