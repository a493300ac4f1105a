import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { ID, article } from "../test/articles";
import { json, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";

let api: FakeApi;

const patches = () => api.calls(`PATCH /articles/${ID}/`).map(({ body }) => body);

beforeEach(() => {
  api = signedInApi().on(`GET /articles/${ID}/`, () => json(article()));
});

it("creates an article and shows it", async () => {
  api.on("POST /articles/", () => json(article(), 201));
  const { user, address } = renderApp("/articles/new");
  await user.type(await screen.findByLabelText("Title"), "On harbours");
  await user.type(screen.getByLabelText("Text"), "Calm.");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(address()).toBe(`/articles/${ID}`));
  expect(api.calls("POST /articles/")[0]?.body).toEqual({ title: "On harbours", body: "Calm." });
  expect(api.calls("POST /articles/")[0]?.headers.get("X-CSRFToken")).toBe("token-in-cookie");
});

it("keeps what was written when the API refuses it", async () => {
  api.on("POST /articles/", () => problem(400, { title: "Invalid input", errors: { title: ["Already used."] } }));
  const { user } = renderApp("/articles/new");
  await user.type(await screen.findByLabelText("Title"), "Taken");
  await user.type(screen.getByLabelText("Text"), "Text.");
  await user.click(screen.getByRole("button", { name: "Save" }));
  const title = await screen.findByLabelText("Title");
  await waitFor(() => expect(title).toHaveFocus());
  expect(title).toHaveAccessibleDescription("Already used.");
  expect(title).toHaveValue("Taken");
  expect(screen.getByLabelText("Text")).toHaveValue("Text.");
});

it("sends the version the change was made from", async () => {
  api.on(`PATCH /articles/${ID}/`, () => json(article({ version: 2, title: "On harbours!" })));
  const { user, address } = renderApp(`/articles/${ID}/edit`);
  await user.type(await screen.findByLabelText("Title"), "!");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(address()).toBe(`/articles/${ID}`));
  expect(patches()).toEqual([{ title: "On harbours!", body: "A breakwater keeps the harbour calm.", version: 1 }]);
});

describe("a conflict", () => {
  const theirs = article({ version: 5, title: "Their title", body: "Their text." });

  async function runIntoConflict() {
    api.on(`PATCH /articles/${ID}/`, ({ body }) => {
      const { version } = body as { version: number };
      return version === theirs.version ? json({ ...theirs, version: 6 }) : problem(409, { title: "Conflict" });
    });
    const app = renderApp(`/articles/${ID}/edit`);
    const title = await screen.findByLabelText("Title");
    await app.user.clear(title);
    await app.user.type(title, "My title");
    api.on(`GET /articles/${ID}/`, () => json(theirs));
    await app.user.click(screen.getByRole("button", { name: "Save changes" }));
    const notice = await screen.findByRole("alert");
    await within(notice).findByText("Their text.");
    return { ...app, notice };
  }

  it("shows both texts and has saved neither", async () => {
    const { notice } = await runIntoConflict();
    expect(notice).toHaveTextContent("This article was changed while you were editing");
    expect(within(notice).getByRole("heading")).toHaveFocus();
    expect(notice).toHaveTextContent("req-4711");
    expect(notice).toHaveTextContent("Saved version 5");
    expect(notice).toHaveTextContent("Their title");
    expect(screen.getByLabelText("Title")).toHaveValue("My title");
    expect(screen.getByRole("button", { name: "Save changes" })).toBeDisabled();
    expect(patches()).toHaveLength(1);
  });

  it("saves one's own text over theirs when told to, with what was typed since", async () => {
    const { user, address } = await runIntoConflict();
    await user.type(screen.getByLabelText("Title"), ", again");
    await user.click(screen.getByRole("button", { name: "Keep my text" }));
    await waitFor(() => expect(address()).toBe(`/articles/${ID}`));
    expect(patches().at(-1)).toEqual({
      title: "My title, again",
      body: "A breakwater keeps the harbour calm.",
      version: 5,
    });
  });

  it("takes their text when told to, and saves from their version", async () => {
    const { user, address } = await runIntoConflict();
    await user.click(screen.getByRole("button", { name: "Take the saved text" }));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(screen.getByLabelText("Title")).toHaveValue("Their title");
    expect(patches()).toHaveLength(1);

    await user.type(screen.getByLabelText("Text"), " And mine.");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    await waitFor(() => expect(address()).toBe(`/articles/${ID}`));
    expect(patches().at(-1)).toEqual({ title: "Their title", body: "Their text. And mine.", version: 5 });
  });

  it("starts again when someone is faster a second time", async () => {
    const { user, notice } = await runIntoConflict();
    expect(notice).toBeVisible();
    api.on(`PATCH /articles/${ID}/`, () => problem(409)).on(`GET /articles/${ID}/`, () => json(article({ ...theirs, version: 6 })));
    await user.click(screen.getByRole("button", { name: "Keep my text" }));
    expect(await screen.findByText(/Saved version 6/)).toBeVisible();
    expect(screen.getByLabelText("Title")).toHaveValue("My title");
  });
});
