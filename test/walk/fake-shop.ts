import { createHash, randomUUID } from "node:crypto";

import { GOODS, SHOP } from "./goods.ts";

/** The shop's API as the pages see it, in memory: the contract, and nothing of what makes it true. For the walks; never in a project. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: any;
}
export interface Said {
  readonly status: number;
  readonly body?: unknown;
  readonly cookies?: readonly string[];
  /** The connection ends without an answer. */
  readonly lost?: boolean;
  readonly afterMs?: number;
}

interface Product {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  price_cents: number;
  available: number;
  reserved: number;
  sold: number;
}
interface Order {
  readonly id: string;
  readonly owner: string;
  readonly created_at: string;
  readonly token: string;
  state: string;
  reason: string | null;
  readonly total_cents: number;
  readonly lines: readonly { product_id: number; name: string; quantity: number; unit_price_cents: number }[];
  readonly unavailable: readonly { product_id: number; available: number }[];
  readonly shipping: unknown;
  readonly events: { at: string; event: string; actor: string; detail: object }[];
}

const now = () => new Date().toISOString();

export class FakeShop {
  readonly products: Product[] = GOODS.map(([name, description, price_cents, available], at) => ({
    id: at + 1,
    name,
    description,
    price_cents,
    available,
    reserved: 0,
    sold: 0,
  }));
  readonly orders: Order[] = [];
  readonly #movements = new Map<number, object[]>();
  readonly #users = new Map<string, { id: string; email: string; password: string; role: string; created_at: string }>();
  readonly #sessions = new Map<string, string>();
  readonly #keys = new Map<string, { print: string; order: Order }>();
  readonly #lost = new Set<string>();

  addUser(email: string, password: string, role = "customer"): void {
    this.#users.set(email, { id: randomUUID(), email, password, role, created_at: now() });
  }

  answer(asked: Asked): Said {
    const { method, path } = asked;
    const user = this.#userOf(asked);
    const route = `${method} ${path}`;
    if (method !== "GET" && asked.headers["x-csrftoken"] !== this.#cookie(asked, "csrftoken")) return problem(403, "csrf_failed", "Reload the page.");
    if (route === "GET /health/") return { status: 200, body: { status: "healthy", products: "ok", orders: "ok", version: "walk" } };
    if (route === "GET /auth/csrf/") return { status: 200, body: { csrf_token: "walk" }, cookies: ["csrftoken=walk; Path=/; SameSite=Lax"] };
    if (route === "POST /auth/register/") return this.#register(asked);
    if (route === "POST /auth/login/") return this.#login(asked);
    if (route === "GET /shop/") return { status: 200, body: SHOP };
    if (route === "GET /products/") return this.#list(asked, false);
    const [, id = ""] = /^\/products\/(\d+)\/$/.exec(path) ?? [];
    if (method === "GET" && id !== "") return this.#product(Number(id));
    if (path.startsWith("/ai/")) return this.#suggest(asked);
    if (user === null) return problem(401, "not_authenticated", "Sign in first.");
    if (route === "GET /auth/me/") return { status: 200, body: publicUser(user) };
    if (route === "POST /auth/logout/") return this.#logout(asked);
    if (path === "/orders/") return method === "POST" ? this.#order(asked, user.id) : this.#orderList(asked, user);
    if (path.startsWith("/orders/")) return this.#oneOrder(asked, user);
    if (user.role !== "admin") return problem(403, "forbidden", "This is for administrators.");
    return this.#stock(asked, user.email);
  }

  #cookie({ headers }: Asked, name: string): string | undefined {
    return (headers["cookie"] ?? "")
      .split("; ")
      .find((pair) => pair.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  }

  #userOf(asked: Asked) {
    const email = this.#sessions.get(this.#cookie(asked, "sessionid") ?? "");
    return email === undefined ? null : (this.#users.get(email) ?? null);
  }

  #register({ body }: Asked): Said {
    if (String(body.password).length < 12) return problem(400, "invalid", "See the fields.", { errors: { password: ["At least 12 characters."] } });
    if (!this.#users.has(body.email)) this.addUser(body.email, body.password);
    return { status: 202, body: { detail: "…" } };
  }

  #login({ body }: Asked): Said {
    const user = this.#users.get(body.email);
    if (user?.password !== body.password) return problem(401, "invalid_credentials", "Email or password is wrong.");
    const token = randomUUID();
    this.#sessions.set(token, user?.email ?? "");
    return { status: 200, body: publicUser(user), cookies: [`sessionid=${token}; Path=/; HttpOnly; SameSite=Lax`] };
  }

  #logout(asked: Asked): Said {
    this.#sessions.delete(this.#cookie(asked, "sessionid") ?? "");
    return { status: 204, cookies: ["sessionid=; Path=/; Max-Age=0"] };
  }

  #list({ query }: Asked, admin: boolean): Said {
    const words = (query.get("search") ?? "").toLowerCase();
    const ids = query.get("ids")?.split(",").map(Number);
    const found = this.products.filter(
      ({ id, name, description }) => `${name} ${description}`.toLowerCase().includes(words) && (ids === undefined || ids.includes(id)),
    );
    return paged(
      query,
      found.map((one) => this.#shown(one, admin)),
    );
  }

  #product(id: number): Said {
    const product = this.products.find((one) => one.id === id);
    return product === undefined ? problem(404, "not_found", "There is no such product.") : { status: 200, body: this.#shown(product, false) };
  }

  #shown({ reserved, sold, ...product }: Product, admin: boolean) {
    const stock = { stock: product.available + reserved + sold, reserved, sold };
    return { ...product, currency: "EUR", active: true, version: 1, created_at: now(), updated_at: now(), ...(admin ? stock : {}) };
  }

  #suggest({ path, query }: Asked): Said {
    if (path === "/ai/search/query/") {
      const words = (query.get("q") ?? "").toLowerCase().slice(0, 3);
      const results = this.products.filter(({ name }) => name.toLowerCase().includes(words));
      return { status: 200, body: { results: results.map(({ id, name }) => ({ product_id: id, name, score: 0.5 })) } };
    }
    const [, id = "0"] = /products\/(\d+)\/$/.exec(path) ?? [];
    const others = this.products.filter((one) => one.id !== Number(id)).slice(0, 3);
    return { status: 200, body: { results: others.map((one) => ({ product_id: one.id, score: 0.4 })) } };
  }

  #order({ body, headers }: Asked, owner: string): Said {
    const key = `${owner} ${headers["idempotency-key"] ?? randomUUID()}`;
    const print = createHash("sha256").update(JSON.stringify(body)).digest("hex");
    const before = this.#keys.get(key);
    if (before !== undefined && before.print !== print) return problem(422, "idempotency_key_reused", "This key belongs to another order.");
    const order = before?.order ?? this.#take(body, owner);
    this.#keys.set(key, { print, order });
    // Taken, but nobody hears of it: what the pages must survive.
    if (order.token === "tok_timeout" && !this.#lost.has(order.id)) {
      this.#lost.add(order.id);
      return { status: 0, lost: true };
    }
    if (order.state === "processing") {
      if (before === undefined) setTimeout(() => this.#settle(order), 2500);
      return { status: 202, body: shownOrder(order) };
    }
    if (order.state === "confirmed") return { status: 201, body: shownOrder(order), afterMs: 300 };
    const told = { order: shownOrder(order), lines: order.unavailable };
    return order.state === "declined"
      ? problem(402, "payment_declined", "The payment was declined.", told)
      : problem(409, order.reason ?? "", "It was not ordered.", told);
  }

  #take(body: any, owner: string): Order {
    const wanted: { product: Product; quantity: number }[] = body.items.map((item: { product_id: number; quantity: number }) => ({
      product: this.products.find(({ id }) => id === item.product_id),
      quantity: item.quantity,
    }));
    const total = wanted.reduce((sum, { product, quantity }) => sum + product.price_cents * quantity, 0);
    const unavailable = wanted
      .filter(({ product, quantity }) => product.available < quantity)
      .map(({ product }) => ({ product_id: product.id, available: product.available }));
    const token = String(body.payment_token ?? "tok_ok");
    const [state, reason] = this.#verdict(
      token,
      unavailable.length > 0,
      body.expected_total_cents !== undefined && body.expected_total_cents !== total,
    );
    const order: Order = {
      id: randomUUID(),
      owner,
      created_at: now(),
      token,
      state,
      reason,
      total_cents: total,
      lines: wanted.map(({ product, quantity }) => ({ product_id: product.id, name: product.name, quantity, unit_price_cents: product.price_cents })),
      unavailable,
      shipping: body.shipping ?? null,
      events: [],
    };
    if (reason === null)
      for (const { product, quantity } of wanted) {
        product.available -= quantity;
        product.sold += quantity;
        this.#move(product.id, "sold", -quantity, "order-api", null);
      }
    for (const event of ["order_placed", ...(reason === null ? ["stock_reserved"] : []), state]) this.#tell(order, event);
    this.orders.unshift(order);
    return order;
  }

  #verdict(token: string, short: boolean, changed: boolean): readonly [state: string, reason: string | null] {
    if (short) return ["out_of_stock", "out_of_stock"];
    if (changed) return ["cancelled", "price_changed"];
    if (token === "tok_declined") return ["declined", "card_declined"];
    return [token === "tok_slow" ? "processing" : "confirmed", null];
  }

  #settle(order: Order): void {
    order.state = order.state === "cancelling" ? "cancelled" : "confirmed";
    this.#tell(order, order.state);
  }

  #tell(order: Order, event: string): void {
    order.events.push({ at: new Date(Date.now() + order.events.length).toISOString(), event, actor: "order-api", detail: {} });
  }

  #orderList({ query }: Asked, user: { id: string; role: string }): Said {
    const all = query.get("all") === "true" && user.role === "admin";
    return paged(
      query,
      this.orders.filter(({ owner }) => all || owner === user.id).map((order) => shownOrder(order)),
    );
  }

  #oneOrder({ method, path }: Asked, user: { id: string; role: string }): Said {
    const [, id, rest = ""] = /^\/orders\/([^/]+)\/(.*)$/.exec(path) ?? [];
    const order = this.orders.find((one) => one.id === id && (one.owner === user.id || user.role === "admin"));
    if (order === undefined) return problem(404, "not_found", "There is no such order.");
    if (rest === "events/") return { status: 200, body: { results: order.events } };
    if (rest === "cancel/" && method === "POST") {
      order.state = "cancelling";
      order.reason = "cancelled_by_customer";
      setTimeout(() => this.#settle(order), 1500);
      return { status: 202, body: shownOrder(order) };
    }
    return { status: 200, body: shownOrder(order) };
  }

  #stock({ method, path, body, query }: Asked, actor: string): Said {
    if (path === "/admin/stock/") return this.#list({ query } as Asked, true);
    if (path === "/admin/audit/") return paged(query, this.#movements.get(Number(query.get("product_id"))) ?? []);
    const [, id = ""] = /^\/admin\/stock\/(\d+)\/$/.exec(path) ?? [];
    const product = this.products.find((one) => one.id === Number(id));
    if (product === undefined || method !== "POST") return problem(404, "not_found", "There is no such product.");
    if (product.available + body.change < 0) return problem(409, "stock_too_low", "There are not that many.");
    product.available += body.change;
    this.#move(product.id, "adjusted", body.change, actor, body.reason);
    return { status: 200, body: this.#shown(product, true) };
  }

  #move(id: number, kind: string, quantity: number, actor: string, reason: string | null): void {
    const rows = this.#movements.get(id) ?? [];
    rows.unshift({ id: rows.length + 1, at: now(), kind, quantity, actor, reason, request_id: null });
    this.#movements.set(id, rows);
  }
}

const publicUser = (user: any) => ({ id: user.id, email: user.email, role: user.role, created_at: user.created_at });

const shownOrder = ({ owner: _owner, token: _token, events: _events, ...order }: Order) => ({
  ...order,
  final: order.state !== "processing" && order.state !== "cancelling",
  currency: "EUR",
  updated_at: now(),
});

function paged(query: URLSearchParams, all: readonly unknown[]): Said {
  const page = Number(query.get("page") ?? "1");
  const size = Number(query.get("page_size") ?? "20");
  const at = (one: number) => (one >= 1 && (one - 1) * size < all.length ? `?page=${one}` : null);
  return { status: 200, body: { count: all.length, next: at(page + 1), previous: at(page - 1), results: all.slice((page - 1) * size, page * size) } };
}

const problem = (status: number, code: string, detail: string, more: object = {}): Said => ({
  status,
  body: { type: "about:blank", title: "Refused", status, code, detail, request_id: `walk-${randomUUID().slice(0, 8)}`, ...more },
});
