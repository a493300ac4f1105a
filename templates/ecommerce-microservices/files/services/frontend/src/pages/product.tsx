import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { isStatus } from "../api/errors";
import { productQuery } from "../api/products";
import { shopQuery } from "../api/shop";
import type { Product } from "../api/types";
import { AddToCart } from "../components/add-to-cart";
import { Availability } from "../components/availability";
import { BoughtWith } from "../components/bought-with";
import { ErrorNotice } from "../components/error-notice";
import { Loading } from "../components/loading";
import { PageHeading } from "../components/page-heading";
import { Price } from "../components/price";
import { NotFoundPage } from "./not-found";
import { numberIn } from "./page-in";

export function ProductPage() {
  const id = numberIn(useParams()["id"]);
  return id === null ? <NotFoundPage what="product" /> : <Asked key={id} id={id} />;
}

function Asked({ id }: { readonly id: number }) {
  const product = useQuery(productQuery(id));

  if (isStatus(product.error, 404)) return <NotFoundPage what="product" />;
  return (
    <>
      {product.isPending && <Loading what="the product" />}
      {product.error !== null && <ErrorNotice error={product.error} onRetry={() => void product.refetch()} />}
      {product.data !== undefined && <Detail product={product.data} />}
    </>
  );
}

function Detail({ product }: { readonly product: Product }) {
  const shop = useQuery(shopQuery);
  return (
    <article>
      <p className="back">
        <Link to="/products">All products</Link>
      </p>
      <PageHeading title={product.name} />
      <div className="columns">
        <p className="prose">{product.description === "" ? "There is no description." : product.description}</p>
        <section className="panel" aria-label="Buy">
          <p className="buy-line">
            <Price cents={product.price_cents} currency={product.currency} />
            <Availability available={product.active ? product.available : 0} />
          </p>
          {product.available > 0 && product.active ? (
            <AddToCart product={product} choosesQuantity />
          ) : (
            <p className="hint">It cannot be ordered at the moment.</p>
          )}
          <Link to="/cart">Go to the cart</Link>
        </section>
      </div>
      {shop.data?.ai.includes("recommendation") && <BoughtWith id={product.id} />}
    </article>
  );
}
