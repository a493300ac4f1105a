import { screen } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { ID, article } from "../test/articles";
import { fakeApi, json, noContent, pageOf, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";

let api: FakeApi;
let signedIn: boolean;

beforeEach(() => {
  document.cookie = "csrftoken=known";
  signedIn = false;
  api = fakeApi()
    .on("GET /auth/me/", () => (signedIn ? json({ id: 1, email: "ada@example.com" }) : problem(401)))
    .on("POST /auth/login/", () => {
      signedIn = true;
      return json({ id: 1, email: "ada@example.com" });
    })
    .on("GET /articles/", () => json(pageOf(article())))
    .on(`GET /articles/${ID}/`, () => json(article()));
});

async function fillIn(user: ReturnType<typeof renderApp>["user"]) {
  await user.type(await screen.findByLabelText("Email"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "a long password");
}

describe("signing in", () => {
  it("leads to where one was going", async () => {
    const { user, address } = renderApp(`/articles/${ID}`);
    await fillIn(user);
    expect(address()).toBe("/sign-in");
    await user.click(screen.getByRole("button", { name: "Sign in" }));

    expect(await screen.findByRole("heading", { level: 1, name: "On harbours" })).toHaveFocus();
    expect(address()).toBe(`/articles/${ID}`);
    expect(screen.getByText("ada@example.com")).toBeVisible();
    expect(api.calls("POST /auth/login/")[0]?.body).toEqual({ email: "ada@example.com", password: "a long password" });
  });

  it("says why it was refused, with the id to ask for", async () => {
    api.on("POST /auth/login/", () => problem(401, { title: "Unauthorized", detail: "Email or password is wrong." }));
    const { user } = renderApp("/sign-in");
    await fillIn(user);
    await user.click(screen.getByRole("button", { name: "Sign in" }));

    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Email or password is wrong.");
    expect(alert).not.toHaveTextContent("Unauthorized");
    expect(alert).toHaveTextContent("Request id: req-4711");
    expect(screen.getByLabelText("Email")).toHaveValue("ada@example.com");
  });

  it("says how long to wait after too many tries", async () => {
    api.on("POST /auth/login/", () => problem(429, { title: "Too many requests", retryAfter: "42" }));
    const { user } = renderApp("/sign-in");
    await fillIn(user);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByText("You can try again in 42 s.")).toBeVisible();
  });

  it("shows when the session cannot even be asked for, and asks again on request", async () => {
    api.on("GET /auth/me/", () => problem(500, { title: "Broken" }));
    const { user } = renderApp("/articles");
    expect(await screen.findByRole("alert")).toHaveTextContent("Broken");
    signedIn = true;
    api.on("GET /auth/me/", () => json({ id: 1, email: "ada@example.com" }));
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "On harbours" })).toBeVisible();
  });
});

describe("registering", () => {
  it("signs in with what was typed", async () => {
    api.on("POST /auth/register/", () => json({ detail: "…" }, 202));
    const { user, address } = renderApp("/register");
    await fillIn(user);
    await user.click(screen.getByRole("button", { name: "Create account" }));
    expect(await screen.findByRole("link", { name: "On harbours" })).toBeVisible();
    expect(address()).toBe("/articles");
    expect(api.calls("POST /auth/login/")[0]?.body).toEqual(api.calls("POST /auth/register/")[0]?.body);
  });
});

it("signing out forgets what was read", async () => {
  signedIn = true;
  api.on("POST /auth/logout/", () => {
    signedIn = false;
    return noContent();
  });
  const { user, address } = renderApp("/articles");
  await screen.findByRole("link", { name: "On harbours" });
  await user.click(screen.getByRole("button", { name: "Sign out" }));

  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(address()).toBe("/sign-in");
  expect(screen.queryByText("ada@example.com")).not.toBeInTheDocument();
  expect(screen.queryByText("On harbours")).not.toBeInTheDocument();
});

it("a session that ended on the server leads back to signing in", async () => {
  signedIn = true;
  const { user } = renderApp("/articles");
  await screen.findByRole("link", { name: "On harbours" });
  signedIn = false;
  api.on(`GET /articles/${ID}/`, () => problem(401));
  await user.click(screen.getByRole("link", { name: "On harbours" }));
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
});
