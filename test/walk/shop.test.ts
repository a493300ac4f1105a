/// <reference lib="dom" />
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { seriousFindings } from "../e2e/browser/axe.ts";
import { CARDS, ShopWalk } from "../e2e/browser/shop.ts";
import { chromiumHere } from "../e2e/lib/browser.ts";
import { FakeShop } from "./fake-shop.ts";
import { builtFrontend } from "./frontend.ts";
import { serve } from "./serve.ts";

const PASSWORD = "a long enough password";
const PAN = 3;
const BOARD_SOLD_OUT = 4;

// WALK_SHOTS=DIR keeps a picture of every page that is looked at.
const shots = process.env["WALK_SHOTS"];
const LOOKS = [
  { width: 1280, height: 900, colorScheme: "light" },
  { width: 375, height: 812, colorScheme: "dark" },
] as const;

describe("the shop in a real browser, against a fake of its API", () => {
  let dist = "";
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let api: FakeShop;
  let server: Awaited<ReturnType<typeof serve>>;
  let walk: ShopWalk;
  let said: string[];

  beforeAll(async () => {
    const executablePath = await chromiumHere();
    dist = builtFrontend("ecommerce-microservices", ["aiServices=true"]);
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    if (shots !== undefined) mkdirSync(shots, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    if (dist !== "") rmSync(dist, { recursive: true, force: true });
  });

  beforeEach(async () => {
    api = new FakeShop();
    api.addUser("ada@example.com", PASSWORD);
    api.addUser("admin@example.com", PASSWORD, "admin");
    server = await serve(dist, api);
    context = await browser.newContext({ locale: "en-GB", colorScheme: "light" });
    page = await context.newPage();
    said = [];
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(`error: ${error.message}`));
    walk = new ShopWalk(page, server.base);
  });
  afterEach(async () => {
    await context.close();
    server.close();
    expect(said.filter((line) => /content security policy|error: (?!Failed to load resource)/i.test(line))).toEqual([]);
  });

  /** A wide window by day and a narrow one by night: no serious finding, nothing wider than the window. */
  async function look(name: string): Promise<void> {
    for (const { colorScheme, ...size } of LOOKS) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme });
      if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}-${size.width}.png`), fullPage: true });
      expect(await seriousFindings(page), `${name} at ${size.width}, ${colorScheme}`).toEqual([]);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, `${name} at ${size.width}: wider than the window`).toBeLessThanOrEqual(0);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.emulateMedia({ colorScheme: "light" });
  }

  it("whoever is nobody yet looks around, fills a cart, registers, and buys it", async () => {
    await walk.open("/");
    await walk.heading("Products");
    await look("catalogue");
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByText("14 products, page 2 of 2").waitFor();
    await page.getByLabel("Search").fill("pan");
    await page.getByText("2 products for “pan”").waitFor();
    await page.getByLabel("Search").fill("pannn");
    await page.getByText("No products for “pannn”").waitFor();
    await page.getByRole("heading", { name: "Close to “pannn”" }).waitFor();
    await look("catalogue-nothing");
    await walk.open(`/products/${BOARD_SOLD_OUT}`);
    await look("product-sold-out");
    await walk.take(PAN, 2);
    await page.getByRole("heading", { name: "Others also bought" }).waitFor();
    await look("product");
    await walk.take(1, 1);
    await walk.open("/cart");
    await page.reload();
    await page.getByRole("link", { name: "Check out" }).waitFor();
    await look("cart");
    await page.getByRole("link", { name: "Check out" }).click();
    await walk.heading("Sign in");
    await look("sign-in");
    await page.getByRole("link", { name: "Register" }).click();
    await page.getByLabel("Email").fill("new@example.com");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("At least 12 characters.", { exact: true }).waitFor();
    await look("register-refused");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await walk.heading("Checkout");
    await walk.checkOut(CARDS.pays);
    await look("checkout");
    await walk.buy();
    await walk.heading("Order confirmed");
    await look("order-confirmed");
    expect(api.orders[0]).toMatchObject({ total_cents: 14_050, shipping: { name: "Ada Lovelace", country: "DE" } });
    await walk.open("/cart");
    await page.getByText("There is nothing in your cart.").waitFor();
    await look("cart-empty");
  });

  it("a double click is one order", async () => {
    await walk.signIn("ada@example.com", PASSWORD);
    await walk.take(1, 1);
    await walk.checkOut(CARDS.pays);
    await walk.buy(2);
    await walk.heading("Order confirmed");
    expect(api.orders).toHaveLength(1);
  });

  it("a declined card costs nothing, and another one pays", async () => {
    await walk.signIn("ada@example.com", PASSWORD);
    await walk.take(1, 1);
    await walk.checkOut(CARDS.declined);
    await walk.buy();
    await page.getByText("The payment was declined").waitFor();
    await look("checkout-declined");
    await page.getByLabel("Card").selectOption(CARDS.pays);
    await walk.buy();
    await walk.heading("Order confirmed");
    expect(api.orders.map(({ state }) => state)).toEqual(["confirmed", "declined"]);
    await walk.open("/orders");
    await page.getByText("Payment declined").waitFor();
    await look("orders");
  });

  it("what somebody else bought first is said, with a way on", async () => {
    await walk.signIn("ada@example.com", PASSWORD);
    await walk.take(PAN, 3);
    await walk.checkOut(CARDS.pays);
    const pan = api.products.find(({ id }) => id === PAN);
    if (pan !== undefined) pan.available = 1;
    await walk.buy();
    await page.getByText("There is not enough left", { exact: true }).waitFor();
    await page.getByText("Cast iron pan: 1 left").waitFor();
    await look("checkout-out-of-stock");
    await page.getByRole("alert").getByRole("link", { name: "Change the cart" }).click();
    await page.getByText("There is only 1 left. Take fewer to go on.").waitFor();
    await look("cart-too-many");
    await page.getByRole("button", { name: "One less of Cast iron pan" }).click({ clickCount: 2, delay: 50 });
    await page.getByRole("link", { name: "Check out" }).click();
    await walk.heading("Checkout");
  });

  it("a price that changed meanwhile is shown first, and charged only when it is agreed to", async () => {
    await walk.signIn("ada@example.com", PASSWORD);
    await walk.take(1, 1);
    await walk.checkOut(CARDS.pays);
    const mug = api.products.find(({ id }) => id === 1);
    if (mug !== undefined) mug.price_cents = 1_350;
    await walk.buy();
    await page.getByText("A price has changed", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Order and pay €13.50" }).waitFor();
    await look("checkout-price-changed");
    await walk.buy();
    await walk.heading("Order confirmed");
    expect(api.orders.map(({ state, total_cents }) => [state, total_cents])).toEqual([
      ["confirmed", 1_350],
      ["cancelled", 1_350],
    ]);
  });

  it("an answer that is lost is asked for again: one order, and a slow one ends by itself", async () => {
    await walk.signIn("ada@example.com", PASSWORD);
    await walk.take(1, 1);
    await walk.checkOut(CARDS.lost);
    await walk.buy();
    await walk.heading("Order confirmed");
    expect(api.orders).toHaveLength(1);
    await walk.take(2, 1);
    await walk.checkOut(CARDS.slow);
    await walk.buy();
    await walk.heading("Order in progress");
    await look("order-in-progress");
    await walk.heading("Order confirmed");
    await page.getByRole("button", { name: "Cancel the order" }).click();
    await page.getByRole("heading", { name: "Cancel this order?" }).waitFor();
    await look("order-cancel-dialog");
    await page.getByRole("button", { name: "Yes, cancel it" }).click();
    await walk.heading("Order cancelled");
    await look("order-cancelled");
    await page.getByRole("button", { name: "Put it into the cart again" }).click();
    await walk.heading("Cart");
    await page.getByRole("link", { name: "Linen tea towel" }).waitFor();
  });

  it("while the API is away nothing is bought twice: the order waits, over a reload, for its answer", async () => {
    await walk.signIn("ada@example.com", PASSWORD);
    await walk.take(1, 1);
    await walk.checkOut(CARDS.pays);
    // The order arrives, and every answer about it is lost.
    await page.route("**/api/v1/orders/", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      await route.fetch();
      return route.abort("connectionreset");
    });
    await walk.buy();
    await page.getByText("Asking again for the same order").waitFor();
    await look("checkout-asking-again");
    await walk.heading("Your order has no answer yet");
    await look("checkout-no-answer");
    await page.reload();
    await walk.heading("Your order has no answer yet");
    await page.unroute("**/api/v1/orders/");
    await page.getByRole("button", { name: "Ask again" }).click();
    await walk.heading("Order confirmed");
    expect(api.orders).toHaveLength(1);
  });

  it("an administrator counts the stock, and the audit trail knows it; nobody else sees the page", async () => {
    await walk.signIn("admin@example.com", PASSWORD);
    await page.getByRole("link", { name: "Stock" }).click();
    await walk.heading("Stock");
    await look("stock");
    await page.getByRole("link", { name: "Cast iron pan" }).click();
    await page.getByLabel("Change", { exact: true }).fill("-9");
    await page.getByLabel("Reason").fill("Counted");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("There are not that many to take away.").waitFor();
    await look("stock-too-low");
    await page.getByLabel("Change", { exact: true }).fill("7");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved: 10 available now.").waitFor();
    await page.getByText("Adjusted: Counted").waitFor();
    await look("stock-detail");
    await walk.signOut();
    await walk.signIn("ada@example.com", PASSWORD);
    await walk.open("/stock");
    await walk.heading("Not found");
    await look("not-found");
  });

  it("a keyboard is enough, from the first page to the paid order", async () => {
    await walk.signIn("ada@example.com", PASSWORD);
    const press = async (wanted: string, key = "Enter") => {
      for (let tabs = 0; tabs < 60; tabs++) {
        await page.keyboard.press("Tab");
        const name = await page.evaluate(() => document.activeElement?.textContent?.trim() ?? "");
        if (name.startsWith(wanted)) return await page.keyboard.press(key);
      }
      throw new Error(`no way to “${wanted}” with Tab`);
    };
    await press("Add to cart");
    await page.getByText("Added. 1 in your cart.").waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.getByRole("link", { name: "Skip to content" }).focus();
    await press("Cart");
    await walk.heading("Cart");
    await press("Check out");
    await walk.heading("Checkout");
    await page.keyboard.press("Tab");
    for (const text of ["Ada Lovelace", "St James’s Square 12", "10115", "Berlin"]) {
      await page.keyboard.press("Tab");
      await page.keyboard.type(text);
    }
    await press("Order and pay");
    await walk.heading("Order confirmed");
    expect(api.orders).toHaveLength(1);
  });
});
