import type { Page } from "playwright-core";

/** What somebody does in the shop, by what they see. The same against a running stack and against the fake of test/walk. */
export class ShopWalk {
  readonly page: Page;
  readonly base: string;

  constructor(page: Page, base: string) {
    this.page = page;
    this.base = base;
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.base + path, { waitUntil: "networkidle", timeout: 60_000 });
  }

  async heading(name: string | RegExp): Promise<void> {
    await this.page.getByRole("heading", { level: 1, name }).waitFor({ timeout: 30_000 });
  }

  async register(email: string, password: string): Promise<void> {
    await this.open("/register");
    await this.page.getByLabel("Email").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Create account" }).click();
    await this.heading("Products");
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.open("/sign-in");
    await this.page.getByLabel("Email").fill(email);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await this.heading("Products");
  }

  async signOut(): Promise<void> {
    await this.page.getByRole("button", { name: "Sign out" }).click();
    await this.heading("Sign in");
  }

  /** From the page of a product, so many pieces into the cart. */
  async take(id: number, pieces: number): Promise<void> {
    await this.open(`/products/${id}`);
    for (let taken = 1; taken < pieces; taken++) await this.page.getByRole("button", { name: /^One more of / }).click();
    await this.page.getByRole("button", { name: /^Add to cart/ }).click();
    await this.page.getByText(/in your cart\./).waitFor();
  }

  /** To the filled form; `buy` sends it. */
  async checkOut(card: string): Promise<void> {
    await this.open("/cart");
    await this.page.getByRole("link", { name: "Check out" }).click();
    await this.heading("Checkout");
    await this.page.getByLabel("Name").fill("Ada Lovelace");
    await this.page.getByLabel("Street and number").fill("St James’s Square 12");
    await this.page.getByLabel("Postal code").fill("10115");
    await this.page.getByLabel("City").fill("Berlin");
    await this.page.getByLabel("Card").selectOption(card);
  }

  async buy(clicks: 1 | 2 = 1): Promise<void> {
    const button = this.page.getByRole("button", { name: /^Order and pay / });
    await (clicks === 2 ? button.dblclick() : button.click());
  }

  /** The id in the address of an order's page. */
  get order(): string {
    return new URL(this.page.url()).pathname.replace(/^\/orders\//, "");
  }
}

/** Tokens of the built-in test provider. */
export const CARDS = { pays: "tok_ok", declined: "tok_declined", slow: "tok_slow", lost: "tok_timeout" } as const;
