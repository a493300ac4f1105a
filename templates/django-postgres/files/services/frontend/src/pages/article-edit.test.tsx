import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
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
  expect(patches()).toEqual([{ title: "On harbours!", version: 1 }]);
});

it("shows what somebody else has saved meanwhile, and saves over it when told to", async () => {
  const theirs = article({ version: 5, title: "Their title", body: "Their text." });
  const { user, address } = renderApp(`/articles/${ID}/edit`);
  await user.type(await screen.findByLabelText("Title"), "!");
  api
    .on(`GET /articles/${ID}/`, () => json(theirs))
    .on(`PATCH /articles/${ID}/`, ({ body }) =>
      (body as { version: number }).version === theirs.version ? json({ ...theirs, version: 6 }) : problem(409, { title: "Conflict" }),
    );
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("This article was changed while you were editing");
  expect(await screen.findByText("Their text.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Keep my text" }));
  await waitFor(() => expect(address()).toBe(`/articles/${ID}`));
  expect(patches().at(-1)).toEqual({ title: "On harbours!", version: 5 });
});

it("takes what somebody else has saved when told to, and saves from there", async () => {
  const { user, address } = renderApp(`/articles/${ID}/edit`);
  await user.type(await screen.findByLabelText("Title"), "!");
  api
    .on(`GET /articles/${ID}/`, () => json(article({ version: 5, title: "Their title", body: "Their text." })))
    .on(`PATCH /articles/${ID}/`, () => problem(409));
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await user.click(await screen.findByRole("button", { name: "Take the saved text" }));
  expect(screen.getByLabelText("Title")).toHaveValue("Their title");
  api.on(`PATCH /articles/${ID}/`, () => json(article({ version: 6 })));
  await user.type(screen.getByLabelText("Title"), "!");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(address()).toBe(`/articles/${ID}`));
  expect(patches().at(-1)).toEqual({ title: "Their title!", version: 5 });
});

it("keeps what was written when the article was deleted meanwhile", async () => {
  const { user } = renderApp(`/articles/${ID}/edit`);
  await user.type(await screen.findByLabelText("Title"), "!");
  api.on(`GET /articles/${ID}/`, () => problem(404)).on(`PATCH /articles/${ID}/`, () => problem(409));
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  expect(await screen.findByText("This article was deleted while you were editing")).toBeVisible();
  expect(screen.queryByText(/This article was changed while/)).not.toBeInTheDocument();
  expect(screen.getByLabelText("Title")).toHaveValue("On harbours!");
});

it.each(["/articles/new", `/articles/${ID}/edit`])("%s keeps what was written when the session ends before it is saved", async (path) => {
  let signedIn = true;
  const user = { id: 1, email: "ada@example.com" };
  const refusal = () => {
    signedIn = false;
    return problem(401);
  };
  api
    .on("GET /auth/me/", () => (signedIn ? json(user) : problem(401)))
    .on("POST /auth/login/", () => {
      signedIn = true;
      return json(user);
    })
    .on("POST /articles/", refusal)
    .on(`PATCH /articles/${ID}/`, refusal);
  const page = renderApp(path);
  await page.user.type(await screen.findByLabelText("Title"), " of mine");
  await page.user.type(screen.getByLabelText("Text"), "A long text.");
  const written = ["Title", "Text"].map((label) => screen.getByLabelText<HTMLInputElement>(label).value);
  await page.user.click(screen.getByRole("button", { name: /^Save/ }));
  await page.user.type(await screen.findByLabelText("Email"), "ada@example.com");
  await page.user.type(screen.getByLabelText("Password"), "a long password");
  await page.user.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByLabelText("Title")).toHaveValue(written[0]);
  expect(screen.getByLabelText("Text")).toHaveValue(written[1]);
  expect(page.address()).toBe(path);
});
