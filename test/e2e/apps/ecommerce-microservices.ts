import { randomBytes } from "node:crypto";

import type { Project } from "../lib/project.ts";
import { must } from "../lib/run.ts";
import type { Application } from "./application.ts";
import { HEALTH_IS_FINE, kitAccounts, settingsBy, sortedLines } from "./kit-accounts.ts";

const ORDERS = "/api/v1/orders/";
/** What the suite sells, apart from what anybody else does. */
const PRODUCT = 900_001;

/** The catalogue that the project brings, and what the suite sells besides. */
const prepare = async (project: Project): Promise<void> => {
  await must("docker", ["exec", await project.container("product"), "python", "-m", "product_api.manage", "seed"]);
  await project.sqlAt(
    "product-sql",
    `INSERT INTO products (id, name, description, price_cents, currency, stock, available, reserved, sold, active, version, created_at, updated_at)
       VALUES (${PRODUCT}, 'Boat', 'Of the suite.', 1999, 'EUR', 10000000, 10000000, 0, 0, true, 1, now(), now()) ON CONFLICT (id) DO NOTHING`,
  );
};

/** Orders of one piece each; the title is the name on the parcel. An order's job is its way through stock and money. */
export const ecommerceMicroservices: Application = {
  ...kitAccounts,
  healthy: { status: "healthy", products: "ok", orders: "ok" },
  withoutQueue: {},
  unit: "api-gateway",
  prepare,
  signIn: async (project, count, name) => {
    await prepare(project);
    return kitAccounts.signIn(project, count, name);
  },

  paths: { login: "/api/v1/auth/login/", things: ORDERS, page: "/orders/some/page" },
  taken: 202,
  write: (title) => ({
    path: ORDERS,
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": `suite-${randomBytes(12).toString("hex")}` },
    body: JSON.stringify({
      items: [{ product_id: PRODUCT, quantity: 1 }],
      payment_token: "tok_ok",
      shipping: { name: title, street: "Quay 1", postal_code: "1000", city: "Port", country: "NL" },
    }),
  }),
  idOf: (body) => String((JSON.parse(body) as { id: unknown }).id),
  pathOf: (id) => `${ORDERS}${id}/`,
  jobOf: (order) => (order.state === "confirmed" ? "done" : "waiting"),
  titlesOf: (list) => list.results.map((one: { shipping: { name: string } | null }) => one.shipping?.name ?? ""),
  /** Orders are kept for good. */
  keeps: true,
  things: async (project, title, done) =>
    sortedLines(await project.sql(`SELECT id FROM orders WHERE shipping->>'name' LIKE '${title}%' ${done ? "AND state = 'confirmed'" : ""}`)),

  settings: settingsBy("order", "order_api.manage"),
  table: "orders",
  queue: "",
  fillQueue: () => "",

  unlimited: { RATE_LIMIT_API: "1000000/min", RATE_LIMIT_AUTH: "1000000/min" },
  development: {
    "product-db": 5432,
    "order-db": 5433,
    "api-gateway": 8000,
    "product-api": 8001,
    "order-api": 8002,
    "payment-api": 8003,
    frontend: 5173,
  },
  // All Python services are one build with one stage of tests.
  built: ["api-gateway", "frontend"],
  onPostgres: ["api-gateway"],
  images: ["api-gateway", "frontend", "order-api", "payment-api", "product-api"],
  spoilt: { answers: `USER 0:0\n${HEALTH_IS_FINE}\nUSER 1001:1001` },
  notTyped: {
    "docker compose exec order-api python -m order_api.manage create_user": "asks for a password in a terminal",
    "docker compose exec order-api python -m order_api.manage set_password": "asks for a password in a terminal",
  },
  saved: {
    file: "services/api-gateway/api_gateway/main.py",
    adds: '\n\n@app.get("/api/v1/saved")\nasync def saved() -> str:\n    return "reloaded"\n',
    path: "/api/v1/saved",
    says: '"reloaded"',
  },
};
