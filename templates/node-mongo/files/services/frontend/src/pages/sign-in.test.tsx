import { screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { json, noContent, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { ID, account, ticketApi } from "../test/tickets";

let api: FakeApi;
let signedIn: boolean;

beforeEach(() => {
  signedIn = false;
  api = ticketApi()
    .on("GET /auth/me/", () => (signedIn ? json(account()) : problem(401)))
    .on("POST /auth/login/", () => {
      signedIn = true;
      return json(account());
    });
});

async function fillIn(user: ReturnType<typeof renderApp>["user"]) {
  await user.type(await screen.findByLabelText("Email"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "a long password");
}

describe("signing in", () => {
  it("leads to where one was going", async () => {
    const { user, address } = renderApp(`/tickets/${ID}`);
    await fillIn(user);
    expect(address()).toBe("/sign-in");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Login fails" })).toHaveFocus();
    expect(address()).toBe(`/tickets/${ID}`);
    expect(api.calls("POST /auth/login/")[0]?.body).toEqual({ email: "ada@example.com", password: "a long password" });
  });

  it("says why it was refused, with the id to ask for", async () => {
    api.on("POST /auth/login/", () => problem(401, { title: "Unauthorized", detail: "Email or password is wrong." }));
    const { user } = renderApp("/sign-in");
    await fillIn(user);
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Email or password is wrong.");
    expect(alert).toHaveTextContent("Request id: req-4711");
  });
});

it("registering signs in with what was typed", async () => {
  api.on("POST /auth/register/", () => json({ detail: "…" }, 202));
  const { user, address } = renderApp("/register");
  await fillIn(user);
  await user.click(screen.getByRole("button", { name: "Create account" }));
  expect(await screen.findByRole("link", { name: "Login fails" })).toBeVisible();
  expect(address()).toBe("/tickets");
  expect(api.calls("POST /auth/login/")[0]?.body).toEqual(api.calls("POST /auth/register/")[0]?.body);
});

it("signing out forgets what was read", async () => {
  signedIn = true;
  api.on("POST /auth/logout/", () => {
    signedIn = false;
    return noContent();
  });
  const { user, address } = renderApp("/tickets");
  await screen.findByRole("link", { name: "Login fails" });
  await user.click(screen.getByRole("button", { name: "Sign out" }));
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(address()).toBe("/sign-in");
  expect(screen.queryByText("Login fails")).not.toBeInTheDocument();
});

it("a session that ended on the server leads back to signing in", async () => {
  signedIn = true;
  const { user } = renderApp("/tickets");
  const link = await screen.findByRole("link", { name: "Login fails" });
  signedIn = false;
  api.on(`GET /tickets/${ID}/`, () => problem(401));
  await user.click(link);
  await waitFor(() => expect(screen.getByRole("heading", { name: "Sign in" })).toBeVisible());
});
