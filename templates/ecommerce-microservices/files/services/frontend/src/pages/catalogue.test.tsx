import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { expectAccessible } from "../test/accessible";
import { json, pageOf, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { product, shop, shopApi } from "../test/shop";

let api: FakeApi;

beforeEach(() => {
  localStorage.clear();
  api = shopApi();
});

describe("the catalogue", () => {
  it("is for everybody, and remembers in the address what is searched and where one is", async () => {
    api
      .on("GET /products/", ({ query }) => json({ ...pageOf(product({ id: Number(query.get("page")) })), count: 30 }))
      .on("GET /ai/search/query/", () => json({ results: [] }));
    const { user, address } = renderApp("/products");
    expect(await screen.findByText("30 products, page 1 of 3")).toBeVisible();
    await expectAccessible();
    await user.click(screen.getByRole("button", { name: "Next" }));
    expect(await screen.findByText("30 products, page 2 of 3")).toHaveFocus();
    expect(address()).toBe("/products?page=2");
    await user.type(screen.getByLabelText("Search"), "mug");
    await screen.findByText("30 products for “mug”, page 1 of 3");
    expect(address()).toBe("/products?search=mug");
    expect(api.calls("GET /products/").at(-1)?.query.get("search")).toBe("mug");
  });

  it("puts things into the cart, says so, and never more than there are", async () => {
    api.on("GET /products/", () => json(pageOf(product({ available: 1 }))));
    const { user } = renderApp("/products");
    const add = await screen.findByRole("button", { name: "Add to cart Enamel mug" });
    await user.click(add);
    expect(await screen.findByText("Added. 1 in your cart.")).toHaveAttribute("role", "status");
    expect(screen.getByRole("link", { name: "Cart 1 piece" })).toBeVisible();
    await user.click(add);
    expect(await screen.findByText("There are only 1, and 1 of them are in your cart.")).toBeVisible();
  });

  it("offers nothing to buy of what is sold out", async () => {
    api.on("GET /products/", () => json(pageOf(product({ available: 0 }))));
    renderApp("/products");
    expect(await screen.findByText("Sold out")).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Add to cart/ })).not.toBeInTheDocument();
  });

  it("says what went wrong, and asks again", async () => {
    api.on("GET /products/", () => problem(500, { title: "Not today" }));
    const { user } = renderApp("/products");
    expect(await screen.findByRole("alert")).toHaveTextContent("Request id: req-4711");
    api.on("GET /products/", () => json(pageOf(product())));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "Enamel mug" })).toBeVisible();
  });
});

describe("with the AI services", () => {
  it("names what is close to the words, without what is found anyway", async () => {
    api.on("GET /ai/search/query/", () =>
      json({
        results: [
          { product_id: 1, name: "Enamel mug", score: 0.9 },
          { product_id: 7, name: "Milk jug", score: 0.4 },
        ],
      }),
    );
    renderApp("/products?search=muk");
    const close = await screen.findByRole("region", { name: "Close to “muk”" });
    expect(within(close).getAllByRole("link").map(({ textContent }) => textContent)).toEqual(["Milk jug"]);
  });

  it("sells on without them when they are away", async () => {
    api.on("GET /ai/recommendation/products/1/", () => problem(503));
    renderApp("/products/1");
    expect(await screen.findByText(/There are no suggestions at the moment/)).toHaveTextContent("Request id: req-4711");
    expect(screen.getByRole("button", { name: /^Add to cart/ })).toBeEnabled();
  });

  it("shows what others bought, at the prices of the catalogue", async () => {
    api
      .on("GET /ai/recommendation/products/1/", () => json({ results: [{ product_id: 2, score: 1 }, { product_id: 3, score: 0.5 }] }))
      .on("GET /products/", () => json(pageOf(product({ id: 2, name: "Milk jug", price_cents: 900 }))));
    renderApp("/products/1");
    const others = await screen.findByRole("region", { name: "Others also bought" });
    expect(others).toHaveTextContent("Milk jug€9.00");
    expect(api.calls("GET /products/").at(-1)?.query.get("ids")).toBe("2,3");
    await expectAccessible();
  });
});

it("without the AI services asks nothing of them", async () => {
  api.on("GET /shop/", () => json(shop({ ai: [] })));
  renderApp("/products?search=mug");
  await screen.findByRole("link", { name: "Enamel mug" });
  await waitFor(() => expect(api.calls("GET /products/")).toHaveLength(1));
  expect(api.calls("GET /ai/search/query/")).toHaveLength(0);
});

it.each(["/products/999", "/products/nine", "/products/0"])("%s is said to be missing", async (path) => {
  api.on("GET /products/999/", () => problem(404));
  renderApp(path);
  expect(await screen.findByText("This product does not exist, or no longer.")).toBeVisible();
});
