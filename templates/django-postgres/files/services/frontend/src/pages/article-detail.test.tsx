import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ID, OTHER_ID, article, unfinished } from "../test/articles";
import { json, noContent, pageOf, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";

let api: FakeApi;

const reads = () => api.calls(`GET /articles/${ID}/`).length;
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
/** The session, then the article: each takes a turn of the event loop to arrive. */
const load = () => pass(50);

beforeEach(() => {
  api = signedInApi().on(`GET /articles/${ID}/`, () => json(article()));
});

describe("the analysis", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is asked for until it is done, and then no more", async () => {
    const answers = [unfinished("pending"), unfinished("running")];
    api.on(`GET /articles/${ID}/`, () => {
      const analysis = answers.shift();
      return json(analysis === undefined ? article() : article({ analysis }));
    });
    renderApp(`/articles/${ID}`);
    await load();
    expect(screen.getByRole("status")).toHaveTextContent("Waiting for the worker");
    await pass(1_000);
    expect(screen.getByRole("status")).toHaveTextContent("Being analysed");
    await pass(1_500);
    expect(screen.getByRole("status")).toHaveTextContent("Analysed");
    expect(screen.getByText("Words").nextSibling).toHaveTextContent("6");
    expect(screen.getByText("harbour", { exact: false, selector: "li" })).toHaveTextContent("harbour 1×");

    expect(reads()).toBe(3);
    await pass(60_000);
    expect(reads()).toBe(3);
  });

  it("waits as long as a 429 says, keeps the article in view and then goes on", async () => {
    let limited = false;
    api.on(`GET /articles/${ID}/`, () =>
      limited
        ? problem(429, { title: "Too many requests", retryAfter: "20" })
        : json(article({ analysis: unfinished("pending") })),
    );
    renderApp(`/articles/${ID}`);
    await load();
    limited = true;
    await pass(1_000);
    expect(reads()).toBe(2);
    expect(screen.getByRole("alert")).toHaveTextContent("Too many requests");
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("On harbours");
    await pass(18_000);
    expect(reads()).toBe(2);
    limited = false;
    await pass(3_000);
    expect(reads()).toBe(3);
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("says why it failed", async () => {
    api.on(`GET /articles/${ID}/`, () =>
      json(article({ analysis: unfinished("failed", "The worker ran out of time.") })),
    );
    renderApp(`/articles/${ID}`);
    await load();
    expect(screen.getByText("The worker ran out of time.")).toBeVisible();
    await pass(30_000);
    expect(reads()).toBe(1);
  });
});

it.each([`/articles/${OTHER_ID}`, "/articles/nine"])("%s is said to be missing", async (path) => {
  api.on(`GET /articles/${OTHER_ID}/`, () => problem(404));
  renderApp(path);
  expect(await screen.findByText("This article does not exist, or no longer.")).toBeVisible();
});

it("asks before it deletes, says what will be lost, and goes back to the list", async () => {
  api.on(`DELETE /articles/${ID}/`, noContent).on("GET /articles/", () => json(pageOf()));
  const { user, address } = renderApp(`/articles/${ID}`);
  await user.click(await screen.findByRole("button", { name: "Delete" }));
  expect(screen.getByRole("dialog", { name: "Delete this article?" })).toHaveTextContent("“On harbours” and its analysis");
  expect(api.calls(`DELETE /articles/${ID}/`)).toHaveLength(0);
  await user.click(screen.getAllByRole("button", { name: "Delete" }).at(-1) as HTMLElement);
  expect(await screen.findByText("You have not written anything yet.")).toBeVisible();
  expect(address()).toBe("/articles");
  expect(api.calls(`DELETE /articles/${ID}/`)).toHaveLength(1);
});
