import { screen } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { expectAccessible } from "../test/accessible";
import { json, pageOf, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { account, shopApi, stocked } from "../test/shop";

let api: FakeApi;
const movement = (id: number, reason: string) => ({
  id,
  at: "2026-11-02T10:00:00Z",
  kind: "adjusted",
  quantity: -3,
  actor: "admin@example.com",
  reason,
  request_id: null,
});

beforeEach(() => {
  localStorage.clear();
  api = shopApi(account({ role: "admin" }))
    .on("GET /admin/stock/", () => json(pageOf(stocked())))
    .on("GET /admin/audit/", () => json(pageOf(movement(1, "Counted"))));
});

const changes = () => api.calls("POST /admin/stock/1/");

async function change(user: ReturnType<typeof renderApp>["user"], by: string) {
  await user.type(await screen.findByLabelText("Change"), by);
  await user.type(screen.getByLabelText("Reason"), "Counted");
  await user.click(screen.getByRole("button", { name: "Save" }));
}

describe("the stock", () => {
  it.each(["/stock", "/stock/1"])("%s is nothing for those who are no administrators", async (path) => {
    api = shopApi(account());
    renderApp(path);
    expect(await screen.findByText("This page does not exist, or no longer.")).toBeVisible();
    expect(screen.queryByRole("link", { name: "Stock" })).not.toBeInTheDocument();
  });

  it("lists what is there, reserved and sold", async () => {
    renderApp("/stock");
    expect(await screen.findByRole("row", { name: "Enamel mug 40 2 3" })).toBeVisible();
    await expectAccessible();
  });

  it("changes with a reason, and the audit trail shows it", async () => {
    api.on("POST /admin/stock/1/", () => json(stocked({ available: 37 })));
    const { user } = renderApp("/stock/1");
    await screen.findByText("Adjusted: Counted");
    await expectAccessible();
    api.on("GET /admin/audit/", () => json(pageOf(movement(2, "Broken"), movement(1, "Counted"))));
    await change(user, "-3");
    expect(await screen.findByText("Saved: 37 available now.")).toBeVisible();
    expect(await screen.findByText("Adjusted: Broken")).toBeVisible();
    expect(changes()[0]?.body).toEqual({ change: -3, reason: "Counted" });
    expect(screen.getByLabelText("Change")).toHaveValue("");
  });

  it("sent twice is changed once; changed words are another decision", async () => {
    api.on("POST /admin/stock/1/", () => problem(503));
    const { user } = renderApp("/stock/1");
    await change(user, "5");
    expect(await screen.findByRole("alert")).toHaveTextContent("Request id: req-4711");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await user.type(screen.getByLabelText("Change"), "0");
    api.on("POST /admin/stock/1/", () => json(stocked({ available: 90 })));
    await user.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByText("Saved: 90 available now.");
    const [first, second, third] = changes().map(({ headers }) => headers.get("Idempotency-Key"));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(changes()[2]?.body).toEqual({ change: 50, reason: "Counted" });
  });

  it("says when there is not so much to take away", async () => {
    api.on("POST /admin/stock/1/", () => problem(409, { code: "stock_too_low", detail: "Only 2." }));
    const { user } = renderApp("/stock/1");
    await change(user, "-9");
    expect(await screen.findByText("There are not that many to take away.")).toBeVisible();
    expect(screen.getByLabelText("Change")).toHaveFocus();
  });
});
