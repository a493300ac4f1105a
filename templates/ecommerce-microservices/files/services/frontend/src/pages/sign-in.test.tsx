import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { cartStore } from "../cart/cart";
import { expectAccessible } from "../test/accessible";
import { json, noContent, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { account, fillCart, shopApi } from "../test/shop";

let api: FakeApi;
let signedIn: boolean;

beforeEach(() => {
  localStorage.clear();
  signedIn = false;
  api = shopApi()
    .on("GET /auth/me/", () => (signedIn ? json(account()) : problem(401)))
    .on("POST /auth/login/", () => {
      signedIn = true;
      return json(account());
    })
    .on("POST /auth/logout/", () => {
      signedIn = false;
      return noContent();
    });
});

async function fillIn(user: ReturnType<typeof renderApp>["user"], button: string) {
  await user.type(await screen.findByLabelText("Email"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "a long password");
  await user.click(screen.getByRole("button", { name: button }));
}

describe("signing in", () => {
  it("comes back to where one was, and keeps the cart", async () => {
    fillCart();
    const { user, address } = renderApp("/cart");
    await user.click(await screen.findByRole("link", { name: "Sign in" }));
    await screen.findByRole("heading", { name: "Sign in" });
    await expectAccessible();
    await fillIn(user, "Sign in");
    await waitFor(() => expect(address()).toBe("/cart"));
    expect(screen.getByRole("link", { name: "Cart 2 pieces" })).toBeVisible();
    expect(screen.getByRole("link", { name: "Orders" })).toBeVisible();
  });

  it("is refused with the id to ask for", async () => {
    api.on("POST /auth/login/", () => problem(401, { code: "invalid_credentials", detail: "Email or password is wrong." }));
    const { user } = renderApp("/sign-in");
    await fillIn(user, "Sign in");
    expect(await screen.findByRole("alert")).toHaveTextContent("Email or password is wrong.Request id: req-4711");
  });
});

it("registering signs in with what was typed", async () => {
  api.on("POST /auth/register/", () => json({ detail: "…" }, 202));
  const { user, address } = renderApp("/register");
  await fillIn(user, "Create account");
  await waitFor(() => expect(address()).toBe("/products"));
  expect(api.calls("POST /auth/login/")[0]?.body).toEqual(api.calls("POST /auth/register/")[0]?.body);
});

it("signing out leaves nothing for the next one: neither the cart nor the way to where one was", async () => {
  signedIn = true;
  fillCart({}, account().id);
  const { user, address } = renderApp("/orders");
  await user.click(await screen.findByRole("button", { name: "Sign out" }));
  await screen.findByRole("heading", { name: "Sign in" });
  expect(screen.getByRole("link", { name: "Cart" })).toBeVisible();
  await fillIn(user, "Sign in");
  await waitFor(() => expect(address()).toBe("/products"));
  expect(cartStore.read().owner).toBe(account().id);
});

it("a session that ends on the server leads back to signing in, and then on", async () => {
  signedIn = true;
  const { user, address } = renderApp("/products");
  const orders = await screen.findByRole("link", { name: "Orders" });
  signedIn = false;
  api.on("GET /orders/", () => (signedIn ? json({ count: 0, next: null, previous: null, results: [] }) : problem(401)));
  await user.click(orders);
  await fillIn(user, "Sign in");
  expect(await screen.findByText("There are no orders yet.")).toBeVisible();
  expect(address()).toBe("/orders");
});
