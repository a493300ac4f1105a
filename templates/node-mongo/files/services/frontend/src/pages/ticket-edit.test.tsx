import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { json, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { ID, account, ticket, ticketApi } from "../test/tickets";

let api: FakeApi;

const patches = () => api.calls(`PATCH /tickets/${ID}/`).map(({ body, headers }) => [headers.get("If-Match"), body]);

beforeEach(() => {
  api = ticketApi();
});

it("opens a ticket and shows it", async () => {
  api.on("POST /tickets/", () => json(ticket(), 201));
  const { user, address } = renderApp("/tickets/new");
  await user.type(await screen.findByLabelText("Title"), "Login fails");
  await user.type(screen.getByLabelText("What happens"), "Denied.");
  await user.selectOptions(screen.getByLabelText("Priority"), "High");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(address()).toBe(`/tickets/${ID}`));
  const [call] = api.calls("POST /tickets/");
  expect(call?.body).toEqual({ title: "Login fails", body: "Denied.", priority: "high" });
  expect(call?.headers.get("X-CSRFToken")).toBe("token-in-cookie");
});

it("keeps what was written when the API refuses it", async () => {
  api.on("POST /tickets/", () => problem(400, { title: "Invalid input", errors: { title: ["Already used."] } }));
  const { user } = renderApp("/tickets/new");
  await user.type(await screen.findByLabelText("Title"), "Taken");
  await user.type(screen.getByLabelText("What happens"), "Text.");
  await user.click(screen.getByRole("button", { name: "Save" }));
  const title = await screen.findByLabelText("Title");
  await waitFor(() => expect(title).toHaveFocus());
  expect(title).toHaveAccessibleDescription("Already used.");
  expect(screen.getByLabelText("What happens")).toHaveValue("Text.");
});

it("sends the version the change was made from", async () => {
  api.on(`PATCH /tickets/${ID}/`, () => json(ticket({ version: 2, title: "Login fails!" })));
  const { user, address } = renderApp(`/tickets/${ID}/edit`);
  await user.type(await screen.findByLabelText("Title"), "!");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(address()).toBe(`/tickets/${ID}`));
  expect(patches()).toEqual([['"1"', { title: "Login fails!" }]]);
});

it("shows what somebody else has saved meanwhile, and saves one's own words over it when told to, not the priority", async () => {
  const theirs = ticket({ version: 5, title: "Their title", body: "Their text.", priority: "high" });
  const { user, address } = renderApp(`/tickets/${ID}/edit`);
  await user.type(await screen.findByLabelText("Title"), "!");
  api
    .on(`GET /tickets/${ID}/`, () => json(theirs))
    .on(`PATCH /tickets/${ID}/`, ({ headers }) =>
      headers.get("If-Match") === '"5"' ? json({ ...theirs, version: 6 }) : problem(412, { title: "Precondition Failed" }),
    );
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("This ticket was changed while you were editing");
  expect(await screen.findByText("Their text.")).toBeVisible();
  expect(screen.getByText("Priority: High (also if you keep your text)")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Keep my text" }));
  await waitFor(() => expect(address()).toBe(`/tickets/${ID}`));
  expect(patches().at(-1)).toEqual(['"5"', { title: "Login fails!" }]);
});

it("takes all that somebody else has saved when told to", async () => {
  const { user, address } = renderApp(`/tickets/${ID}/edit`);
  await user.type(await screen.findByLabelText("Title"), "!");
  api
    .on(`GET /tickets/${ID}/`, () => json(ticket({ version: 5, title: "Their title", body: "Their text.", priority: "high" })))
    .on(`PATCH /tickets/${ID}/`, () => problem(412));
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await user.click(await screen.findByRole("button", { name: "Take the saved text" }));
  expect(screen.getByLabelText("Priority")).toHaveValue("high");
  api.on(`PATCH /tickets/${ID}/`, () => json(ticket({ version: 6 })));
  await user.type(screen.getByLabelText("Title"), "!");
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() => expect(address()).toBe(`/tickets/${ID}`));
  expect(patches().at(-1)).toEqual(['"5"', { title: "Their title!" }]);
});

it("keeps what was written when somebody has deleted the ticket meanwhile", async () => {
  const { user } = renderApp(`/tickets/${ID}/edit`);
  await user.type(await screen.findByLabelText("Title"), "!");
  api.on(`GET /tickets/${ID}/`, () => problem(404)).on(`PATCH /tickets/${ID}/`, () => problem(412));
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  expect(await screen.findByText("This ticket was deleted while you were editing")).toBeVisible();
  expect(screen.queryByText(/This ticket was changed while/)).not.toBeInTheDocument();
  expect(screen.getByLabelText("Title")).toHaveValue("Login fails!");
});

it.each(["/tickets/new", `/tickets/${ID}/edit`])("%s keeps what was written when the session ends before it is saved", async (path) => {
  let signedIn = true;
  const user = account();
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
    .on("POST /tickets/", refusal)
    .on(`PATCH /tickets/${ID}/`, refusal);
  const page = renderApp(path);
  await page.user.type(await screen.findByLabelText("Title"), " of mine");
  await page.user.type(screen.getByLabelText("What happens"), "A long text.");
  const written = ["Title", "What happens"].map((label) => screen.getByLabelText<HTMLInputElement>(label).value);
  await page.user.click(screen.getByRole("button", { name: /^Save/ }));
  await page.user.type(await screen.findByLabelText("Email"), "ada@example.com");
  await page.user.type(screen.getByLabelText("Password"), "a long password");
  await page.user.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByLabelText("Title")).toHaveValue(written[0]);
  expect(screen.getByLabelText("What happens")).toHaveValue(written[1]);
  expect(page.address()).toBe(path);
});
