import { screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { json, problem } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { OTHER_ID, account, cursorPage, ticketApi } from "../test/tickets";

const other = account({ id: OTHER_ID, email: "bob@example.com" });
const path = `/admin/users/${OTHER_ID}/`;
const adminApi = () => ticketApi({ role: "admin" }).on("GET /admin/users/", () => json(cursorPage([other, account({ role: "admin" })])));

it("is nothing for those who are no administrators", async () => {
  const api = ticketApi();
  renderApp("/accounts");
  expect(await screen.findByText("This page does not exist, or no longer.")).toBeVisible();
  expect(api.calls("GET /admin/users/")).toHaveLength(0);
});

it("gives a role, from the version that is shown, and leaves one's own alone", async () => {
  const api = adminApi().on(`PATCH ${path}`, () => json({ ...other, role: "admin", version: 2 }));
  const { user } = renderApp("/accounts");
  expect(await screen.findByText("This is you: another administrator may change it.")).toBeVisible();
  api.on("GET /admin/users/", () => json(cursorPage([{ ...other, role: "admin", version: 2 }])));
  await user.click(screen.getByRole("button", { name: "Make an administrator" }));
  expect(await screen.findByRole("button", { name: "Make a user" })).toBeVisible();
  const [call] = api.calls(`PATCH ${path}`);
  expect([call?.headers.get("If-Match"), call?.body]).toEqual(['"1"', { role: "admin" }]);
});

it("bars an account, and says when another administrator was faster", async () => {
  const api = adminApi().on(`PATCH ${path}`, () => problem(412));
  const { user } = renderApp("/accounts");
  await user.click(await screen.findByRole("button", { name: "Bar" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Somebody else changed this account a moment ago");
  expect(api.calls(`PATCH ${path}`)[0]?.body).toEqual({ active: false });
});

it("searches by the beginning of an address", async () => {
  const api = adminApi();
  const { user, address } = renderApp("/accounts");
  await user.type(await screen.findByLabelText("Search"), "bo");
  await waitFor(() => expect(api.calls("GET /admin/users/").at(-1)?.query.get("search")).toBe("bo"));
  expect(address()).toBe("/accounts?search=bo");
});
