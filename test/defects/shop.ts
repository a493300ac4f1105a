import type { BootDefect } from "./boot.ts";

const stack = "ecommerce-microservices";

/** What only the shop of small services has to break. */
export const SHOP_DEFECTS: readonly BootDefect[] = [
  {
    id: "shop-segments-joined",
    stack,
    breaks: "order-api is on the segment of product-api",
    caughtBy: "SHOP-2 the matrix of the document is exactly true",
    apply: (p) => p.patch("compose.yaml", /(order-api: &order-api[^]*?networks:\n)/, "$1      backend-product:\n"),
  },
  {
    id: "shop-cell-closed",
    stack,
    breaks: "a cell that the document opens is closed: the frontend is not on the gateway's network",
    caughtBy: "SHOP-2 the matrix of the document is exactly true",
    mayNotBoot: true,
    apply: (p) => p.patch("compose.yaml", /(frontend: &frontend[^]*?networks: \[)frontend\]/, "$1backend-product]"),
  },
  {
    id: "shop-subnet-elsewhere",
    stack,
    breaks: "a segment lies outside the documented subnet",
    caughtBy: "SHOP-2 segments lie in the documented subnets",
    apply: (p) => p.patch(".env.example", "172.21.0.32/27", "10.9.9.0/27"),
  },
  {
    id: "shop-payment-outside",
    stack,
    breaks: "payment-api has a way out",
    caughtBy: "SHOP-3 payment-api has no way out",
    apply: (p) => p.patch("compose.yaml", /(payment-api: &payment-api[^]*?networks:\n)/, "$1      frontend-public:\n"),
  },
  {
    id: "shop-path-open",
    stack,
    breaks: "the edge hands on what services ask each other",
    caughtBy: "SHOP-1 the documented paths answer",
    apply: (p) => p.patch("nginx/plan/locations.conf", "location /api/ {", "location ~ ^/(api|relay)/ {"),
  },
  {
    id: "shop-other-user",
    stack,
    breaks: "the pages are served by the image's own user",
    caughtBy: "SHOP-4 the stack's own services run as 1001",
    apply: (p) => p.patch("compose.yaml", /(frontend: &frontend[^]*?user: )"1001:1001"/, '$1"101:101"'),
  },
  {
    id: "shop-secret-shared",
    stack,
    breaks: "payment-api has the password of a database",
    caughtBy: "SHOP-5 a secret is readable where it is used",
    apply: (p) => p.patch("compose.yaml", /(payment-api: &payment-api[^]*?secrets: \[)/, "$1order_db_app_password, "),
  },
  {
    id: "shop-scan-silent",
    stack,
    breaks: "a scanner that failed counts as a clean result",
    caughtBy: "SHOP-7 security-check says what it found",
    apply: (p) => p.patch("ops/lib/security-check.sh", "FAILED=$((FAILED + 1)) ;;", ":;;"),
  },
  {
    id: "shop-callers-untold",
    stack,
    breaks: "a deploy of one service does not tell its callers",
    caughtBy: "SHOP-9 a deploy of one service alone",
    apply: (p) => p.patch("ops/lib/copies.sh", 'mv -f -- "$STATE/live/.$of.next" "$STATE/live/$of"', ":"),
  },
  {
    id: "shop-paid-twice",
    stack,
    on: "checkouts",
    breaks: "a charge that was asked for again is another charge",
    caughtBy: "each service and database killed in turn",
    apply: (p) =>
      p.patch(
        "services/order-api/order_api/saga.py",
        "def charge_key(order: UUID) -> str:\n",
        (line) => `${line}    return f"{order}-{__import__('uuid').uuid4()}"\n`,
      ),
  },
  {
    id: "shop-ledger-editable",
    stack,
    breaks: "the application's role may change what it wrote",
    caughtBy: "SHOP-6 what the application wrote in its books cannot be changed",
    apply: (p) =>
      p.patch("services/db/init/10-roles.sh", "GRANT USAGE ON SCHEMA public TO app;", "GRANT USAGE ON SCHEMA public TO app; GRANT app_owner TO app;"),
  },
  {
    id: "pooler-plain",
    stack,
    on: "whole",
    breaks: "with TLS inside the pooler lets callers in without it",
    caughtBy: "NET-4 with every option on",
    apply: (p) => p.patch("services/pgbouncer/bin/run", "sslmode = require", "sslmode = allow"),
  },
];
