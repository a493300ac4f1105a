import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { useAccount } from "../api/account";
import { isStatus } from "../api/errors";
import { stockQuery } from "../api/products";
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

  if (isStatus(product.error, 404)) return <NotFoundPage what="product" />;
  return (
    <article>
      <p className="back">
        <Link to="/stock">Stock</Link>
      </p>
      {product.isPending && <Loading what="the product" />}
      {product.error !== null && <ErrorNotice error={product.error} onRetry={() => void product.refetch()} />}
      {product.data !== undefined && (
        <>
          <PageHeading title={product.data.name} />
          <div className="columns">
            <Movements id={id} />
            <div className="side">
              <section className="panel" aria-label="Stock now">
                <dl className="figures" role="status">
                  {(["available", "reserved", "sold"] as const).map((key) => (
                    <div key={key}>
                      <dt>{key.charAt(0).toUpperCase() + key.slice(1)}</dt>
                      <dd>{product.data[key].toLocaleString()}</dd>
                    </div>
                  ))}
                </dl>
              </section>
              <ChangeStock product={product.data} />
            </div>
          </div>
        </>
      )}
    </article>
  );
}
