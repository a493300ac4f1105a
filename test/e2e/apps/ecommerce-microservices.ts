import { createHash, randomBytes } from "node:crypto";

import { must, run } from "../lib/run.ts";
import type { Application } from "./application.ts";

const ORDERS = "/api/v1/orders/";
/** What the suite sells, apart from what anybody else does. */
const PRODUCT = 900_001;
const ids = (rows: string) =>
  rows
    .split("\n")
    .filter((id) => id !== "")
    .toSorted();

/** Orders of one piece each; the title is the name on the parcel. An order's job is its way through stock and money. */
export const ecommerceMicroservices: Application = {
  healthy: { status: "healthy", products: "ok", orders: "ok" },
  withoutQueue: {},
  unit: "api-gateway",

  /** The catalogue that the project brings, and what the suite sells besides. */
  prepare: async (project) => {
    await must("docker", ["exec", await project.container("product"), "python", "-m", "product_api.manage", "seed"]);
    await project.sqlAt(
      "product-sql",
      `INSERT INTO products (id, name, description, price_cents, currency, stock, available, reserved, sold, active, version, created_at, updated_at)
         VALUES (${PRODUCT}, 'Boat', 'Of the suite.', 1999, 'EUR', 10000000, 10000000, 0, 0, true, 1, now(), now()) ON CONFLICT (id) DO NOTHING`,
    );
  },
  visit: (edge) => edge.call("/api/v1/auth/csrf/"),
  register: (edge, who) => edge.call("/api/v1/auth/register/", { method: "POST", body: who }),
  login: (edge, who) => edge.call("/api/v1/auth/login/", { method: "POST", body: who }),
  /** A session is a row that holds the hash of what is in the cookie. */
  signIn: async (project, count, name) => {
    await ecommerceMicroservices.prepare?.(project);
    const tokens = Array.from({ length: count }, () => randomBytes(32).toString("base64url"));
    const rows = tokens.map((token, number) => `('${name}-${number}@example.com', '${createHash("sha256").update(token).digest("hex")}')`);
    await project.sql(`
      CREATE TEMP TABLE wanted (email text, token text); INSERT INTO wanted VALUES ${rows.join(", ")};
      INSERT INTO users (id, email, password_hash) SELECT gen_random_uuid(), email, '!' FROM wanted ON CONFLICT (email) DO NOTHING;
      INSERT INTO sessions (token_hash, user_id, created_at, expires_at)
        SELECT token, users.id, now(), now() + interval '1 day' FROM wanted JOIN users USING (email)`);
    return tokens.map((token) => ({ headers: { cookie: `__Host-sessionid=${token}; csrftoken=of-the-suite`, "x-csrftoken": "of-the-suite" } }));
  },
  people: async (project) => Number(await project.sql("SELECT count(*) FROM users")),

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
    ids(await project.sql(`SELECT id FROM orders WHERE shipping->>'name' LIKE '${title}%' ${done ? "AND state = 'confirmed'" : ""}`)),

  settings: async (project, names) => {
    const code = `import asyncio\nfrom order_api.manage import show\nfor name, value in asyncio.run(show(${JSON.stringify(names)})): print(name, value)\n`;
    const ran = await run("docker", ["exec", "-i", await project.container("order"), "python", "-"], { input: code });
    return ran.out + ran.err;
  },
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
  images: ["api-gateway", "frontend", "order-api", "payment-api", "product-api"],
  inImage: "service_kit",
  spoilt: {
    answers:
      "USER 0:0\nRUN sed -i 's/\"healthy\"/\"fine\"/' /opt/venv/lib/python3.13/site-packages/service_kit/health.py && find /opt/venv -name 'health.*.pyc' -delete\nUSER 1001:1001",
  },
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
