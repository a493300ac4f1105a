import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { ID, OTHER_ID, article } from "../test/articles";
import { json, pageOf, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";

let api: FakeApi;

beforeEach(() => {
  api = signedInApi().on("GET /articles/", () => json(pageOf(article())));
});

const lastQuery = () => Object.fromEntries(api.calls("GET /articles/").at(-1)?.query ?? []);

it("lists articles with the state of their analysis", async () => {
  renderApp("/articles");
  expect(await screen.findByRole("link", { name: "On harbours" })).toHaveAttribute("href", `/articles/${ID}`);
  expect(screen.getByText("Analysed")).toBeVisible();
  expect(screen.getByRole("status")).toHaveTextContent("1 article");
  expect(lastQuery()).toEqual({ page: "1", ordering: "-updated_at" });
});

it("searches when typing pauses, from the first page, and keeps the focus in the field", async () => {
  const { user, address } = renderApp("/articles?page=3&ordering=title");
  const search = await screen.findByLabelText("Search");
  await user.type(search, "calm  sea ");

  await waitFor(() => expect(lastQuery()).toEqual({ page: "1", search: "calm  sea", ordering: "title" }));
  expect(address()).toBe("/articles?ordering=title&search=calm++sea");
  expect(search).toHaveFocus();
  expect(search).toHaveValue("calm  sea ");
  expect(api.calls("GET /articles/").length).toBeLessThanOrEqual(3);
});

it("changes the order", async () => {
  const { user } = renderApp("/articles");
  await user.selectOptions(await screen.findByLabelText("Order"), "By title");
  await waitFor(() => expect(lastQuery()).toMatchObject({ ordering: "title" }));
});

it("turns pages", async () => {
  api.on("GET /articles/", ({ query }) =>
    query.get("page") === "2"
      ? json({ ...pageOf(article({ id: OTHER_ID, title: "Second page" })), count: 21, previous: "http://x/?page=1" })
      : json({ ...pageOf(article()), count: 21, next: "http://x/?page=2" }),
  );
  const { user, address } = renderApp("/articles");
  await user.click(await screen.findByRole("button", { name: "Next" }));
  expect(await screen.findByRole("link", { name: "Second page" })).toBeVisible();
  expect(address()).toBe("/articles?page=2");
  expect(screen.getByRole("button", { name: "Next" })).toBeDisabled();
  await user.click(screen.getByRole("button", { name: "Previous" }));
  expect(await screen.findByRole("link", { name: "On harbours" })).toBeVisible();
  expect(address()).toBe("/articles");
});

it("leads back from a page that is not there", async () => {
  api.on("GET /articles/", ({ query }) => (query.get("page") === "9" ? problem(404) : json(pageOf(article()))));
  const { user } = renderApp("/articles?page=9");
  await user.click(await screen.findByRole("button", { name: "First page" }));
  expect(await screen.findByRole("link", { name: "On harbours" })).toBeVisible();
});

it("invites to write the first article", async () => {
  api.on("GET /articles/", () => json(pageOf()));
  renderApp("/articles");
  expect(await screen.findByRole("link", { name: "Write the first article" })).toBeVisible();
});

it("says so when a search finds nothing", async () => {
  api.on("GET /articles/", () => json(pageOf()));
  renderApp("/articles?search=nothing");
  expect(await screen.findByText("Try fewer or other words.")).toBeVisible();
  expect(screen.getByRole("status")).toHaveTextContent("0 articles with “nothing”");
});

it("waits as long as the API asks before it lets one try again", async () => {
  api.on("GET /articles/", () => problem(429, { title: "Too many requests", retryAfter: "3" }));
  const { user } = renderApp("/articles");
  const button = await screen.findByRole("button", { name: /^Try again in \d s$/ });
  expect(button).toBeDisabled();
  expect(api.calls("GET /articles/")).toHaveLength(1);

  api.on("GET /articles/", () => json(pageOf(article())));
  await waitFor(() => expect(button).toBeEnabled(), { timeout: 6000 });
  await user.click(button);
  expect(await screen.findByRole("link", { name: "On harbours" })).toBeVisible();
});
