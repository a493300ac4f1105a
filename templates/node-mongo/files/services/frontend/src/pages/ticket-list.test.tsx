import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { json, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { ID, OTHER_ID, cursorPage, ticket, ticketApi } from "../test/tickets";

let api: FakeApi;

beforeEach(() => {
  api = ticketApi();
});

const lastQuery = () => Object.fromEntries(api.calls("GET /tickets/").at(-1)?.query ?? []);

it("lists tickets with their state", async () => {
  renderApp("/tickets");
  expect(await screen.findByRole("link", { name: "Login fails" })).toHaveAttribute("href", `/tickets/${ID}`);
  expect(screen.getByText("Open", { selector: ".badge" })).toBeVisible();
  expect(lastQuery()).toEqual({});
});

it("searches when typing pauses, and keeps the focus in the field", async () => {
  const { user, address } = renderApp("/tickets?state=open");
  const search = await screen.findByLabelText("Search");
  await user.type(search, "calm  sea ");
  await waitFor(() => expect(lastQuery()).toEqual({ search: "calm  sea", state: "open" }));
  expect(address()).toBe("/tickets?state=open&search=calm++sea");
  expect(search).toHaveFocus();
  expect(search).toHaveValue("calm  sea ");
});

it("shows one state only when told to", async () => {
  const { user } = renderApp("/tickets");
  await user.selectOptions(await screen.findByLabelText("State"), "Resolved");
  await waitFor(() => expect(lastQuery()).toEqual({ state: "resolved" }));
});

it("shows more below what is there, from the cursor that it was given", async () => {
  api.on("GET /tickets/", ({ query }) =>
    query.get("cursor") === "page-2"
      ? json(cursorPage([ticket({ id: OTHER_ID, title: "Second page" })]))
      : json(cursorPage([ticket()], "page-2")),
  );
  const { user } = renderApp("/tickets");
  await user.click(await screen.findByRole("button", { name: "Show more" }));
  expect(await screen.findByRole("link", { name: "Second page" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Login fails" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Show more" })).not.toBeInTheDocument();
});

it("invites to write the first ticket, and says when a search finds nothing", async () => {
  api.on("GET /tickets/", () => json(cursorPage([])));
  renderApp("/tickets");
  expect(await screen.findByRole("link", { name: "Write the first ticket" })).toBeVisible();
  renderApp("/tickets?search=nothing");
  expect(await screen.findByText("Nothing found. Try fewer or other words.")).toBeVisible();
});

it("waits as long as the API asks before it lets one try again", async () => {
  api.on("GET /tickets/", () => problem(429, { title: "Too many requests", retryAfter: "3" }));
  const { user } = renderApp("/tickets");
  const button = await screen.findByRole("button", { name: /^Try again in \d s$/ });
  expect(button).toBeDisabled();
  api.on("GET /tickets/", () => json(cursorPage([ticket()])));
  await waitFor(() => expect(button).toBeEnabled(), { timeout: 6000 });
  await user.click(button);
  expect(await screen.findByRole("link", { name: "Login fails" })).toBeVisible();
});

it("lets only an administrator see everybody's", async () => {
  renderApp("/tickets?all=true");
  expect(await screen.findByRole("heading", { level: 1, name: "Tickets" })).toBeVisible();
  await screen.findByRole("link", { name: "Login fails" });
  expect(lastQuery()).toEqual({});
  expect(screen.queryByLabelText("Whose")).not.toBeInTheDocument();
});

it("shows an administrator everybody's tickets", async () => {
  api = ticketApi({ role: "admin" });
  const { user } = renderApp("/tickets");
  await user.selectOptions(await screen.findByLabelText("Whose"), "Everybody’s");
  await waitFor(() => expect(lastQuery()).toEqual({ all: "true" }));
  expect(screen.getByRole("heading", { level: 1, name: "Everybody’s tickets" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Accounts" })).toHaveAttribute("href", "/accounts");
});
