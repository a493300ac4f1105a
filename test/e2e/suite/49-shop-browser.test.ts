import { afterAll, beforeAll, expect, it } from "vitest";

import type { Person } from "../apps/application.ts";
import { seriousFindings } from "../browser/axe.ts";
import { CARDS, ShopWalk } from "../browser/shop.ts";
import { openBrowser, signIn } from "../lib/browser.ts";
import { Project } from "../lib/project.ts";
import { must } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);

stacksWith("orders", stack.id === "ecommerce-microservices").describe("the shop, in a real browser", () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let walk: ShopWalk;
  let ada: Person;
  let admin: Person;
  let goods: { readonly id: number; readonly name: string; readonly available: number };

  beforeAll(async () => {
    browser = await openBrowser(project);
    const signedIn = async () => (await stack.application.signIn(project, 2, "shop-browser")) as [Person, Person];
    await signedIn();
    const [, orders = ""] = [...(await project.containers())].find(([service]) => /^order-api(-|$)/.test(service)) ?? [];
    await must("docker", ["exec", orders, "python", "-m", "order_api.manage", "set_role", "shop-browser-1@example.com", "admin"]);
    // Whose role changes is signed out everywhere.
    [ada, admin] = await signedIn();
    // The last of the first page: other tests take the first ones.
    goods = (await ask(admin, "GET", "/api/v1/products/")).results.findLast((one: { available: number }) => one.available >= 5);
    expect(goods, "seed the catalogue first").toBeDefined();
    walk = new ShopWalk(await browser.context.newPage(), `https://localhost:${stack.ports.https}`);
  }, 180_000);
  afterAll(() => browser?.close());

  async function ask(person: Person, method: string, path: string, body?: unknown): Promise<any> {
    const answer = await project.edge().call(path, { method, headers: person.headers, ...(body === undefined ? {} : { body }) });
    expect(answer.status, answer.body).toBeLessThan(300);
    return JSON.parse(answer.body);
  }
  const move = (change: number) => ask(admin, "POST", `/api/v1/admin/stock/${goods.id}/`, { change, reason: "The suite" });
  const clean = async () => expect(await seriousFindings(walk.page)).toEqual([]);

  it("SHOP-1 somebody who signed in buys: a double click is one order, and axe finds nothing serious on the way", async () => {
    const { count } = await ask(ada, "GET", "/api/v1/orders/");
    for (const path of ["/products", `/products/${goods.id}`, "/cart"]) {
      await walk.open(path);
      await clean();
    }
    await signIn(browser.context, ada);
    await walk.take(goods.id, 2);
    await walk.checkOut(CARDS.pays);
    await clean();
    await walk.buy(2);
    await walk.heading(/^Order (in progress|confirmed)$/);
    await walk.heading("Order confirmed");
    await clean();
    const after = await ask(ada, "GET", "/api/v1/orders/");
    expect(after.count).toBe(count + 1);
    expect(after.results[0]).toMatchObject({
      id: walk.order,
      state: "confirmed",
      shipping: { city: "Berlin" },
      lines: [{ product_id: goods.id, quantity: 2 }],
    });
    await walk.open("/orders");
    await clean();
  });

  it("SHOP-6 a declined card is said and costs nothing, and another card pays the same cart", async () => {
    const { available } = await ask(ada, "GET", `/api/v1/products/${goods.id}/`);
    await walk.take(goods.id, 1);
    await walk.checkOut(CARDS.declined);
    await walk.buy();
    await walk.page.getByText("The payment was declined", { exact: true }).waitFor({ timeout: 30_000 });
    await clean();
    expect((await ask(ada, "GET", `/api/v1/products/${goods.id}/`)).available).toBe(available);
    await walk.page.getByLabel("Card").selectOption(CARDS.pays);
    await walk.buy();
    await walk.heading("Order confirmed");
    expect((await ask(ada, "GET", `/api/v1/products/${goods.id}/`)).available).toBe(available - 1);
  });

  it("SHOP-6 what is sold out between the cart and the order is said, and nothing is charged", async () => {
    await walk.take(goods.id, 1);
    await walk.checkOut(CARDS.pays);
    const { available } = await ask(ada, "GET", `/api/v1/products/${goods.id}/`);
    await move(-available);
    try {
      await walk.buy();
      await walk.page.getByText("There is not enough left", { exact: true }).waitFor({ timeout: 30_000 });
      await clean();
      expect((await ask(ada, "GET", "/api/v1/orders/")).results[0]).toMatchObject({ state: "out_of_stock", reason: "out_of_stock" });
    } finally {
      await move(available);
    }
  });

  it("SHOP-6 a price that changed after the customer saw the total is shown first, and charged only when it is agreed to", async () => {
    const price = async (cents: number) => ask(admin, "PATCH", `/api/v1/products/${goods.id}/`, { price_cents: cents });
    const { price_cents: before } = await ask(ada, "GET", `/api/v1/products/${goods.id}/`);
    await walk.take(goods.id, 1);
    await walk.checkOut(CARDS.pays);
    await price(before + 100);
    try {
      await walk.buy();
      await walk.page.getByText("A price has changed", { exact: true }).waitFor({ timeout: 30_000 });
      await walk.buy();
      await walk.heading("Order confirmed");
      const { results } = await ask(ada, "GET", "/api/v1/orders/");
      expect(results.slice(0, 2)).toMatchObject([
        // What was not sold in the test before is still in the cart.
        { state: "confirmed", total_cents: results[0].lines[0].quantity * (before + 100) },
        { state: "cancelled", reason: "price_changed" },
      ]);
    } finally {
      await price(before);
    }
  });

  it("SHOP-10 an administrator changes the stock with a reason, and finds it in the audit trail; a customer finds no such page", async () => {
    await walk.open("/stock");
    await walk.heading("Not found");
    await signIn(browser.context, admin);
    await walk.open("/stock");
    await walk.heading("Stock");
    await clean();
    await walk.open(`/stock/${goods.id}`);
    await walk.page.getByLabel("Change", { exact: true }).fill("3");
    await walk.page.getByLabel("Reason").fill("Counted by the suite");
    await walk.page.getByRole("button", { name: "Save" }).click();
    await walk.page.getByText(/^Saved: \d/).waitFor({ timeout: 30_000 });
    await walk.page.getByText("Counted by the suite").first().waitFor();
    await clean();
  });
});
