import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { json, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { ID, ticket, ticketApi } from "../test/tickets";

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
  expect(patches()).toEqual([['"1"', { title: "Login fails!", body: "The password is denied.", priority: "normal" }]]);
});

describe("a conflict", () => {
  const theirs = ticket({ version: 5, title: "Their title", body: "Their text." });

  async function runIntoConflict() {
    api.on(`PATCH /tickets/${ID}/`, ({ headers }) =>
      headers.get("If-Match") === '"5"' ? json({ ...theirs, version: 6 }) : problem(412, { title: "Precondition Failed" }),
    );
    const app = renderApp(`/tickets/${ID}/edit`);
    const title = await screen.findByLabelText("Title");
    await app.user.clear(title);
    await app.user.type(title, "My title");
    api.on(`GET /tickets/${ID}/`, () => json(theirs));
    await app.user.click(screen.getByRole("button", { name: "Save changes" }));
    const notice = await screen.findByRole("alert");
    await within(notice).findByText("Their text.");
    return { ...app, notice };
  }

  it("shows both texts and has saved neither", async () => {
    const { notice } = await runIntoConflict();
    expect(notice).toHaveTextContent("This ticket was changed while you were editing");
    expect(within(notice).getByRole("heading")).toHaveFocus();
    expect(notice).toHaveTextContent("req-4711");
    expect(notice).toHaveTextContent("Saved version 5");
    expect(screen.getByLabelText("Title")).toHaveValue("My title");
    expect(screen.getByRole("button", { name: "Save changes" })).toBeDisabled();
    expect(patches()).toHaveLength(1);
  });

  it("saves one's own text over theirs when told to, with what was typed since", async () => {
    const { user, address } = await runIntoConflict();
    await user.type(screen.getByLabelText("Title"), ", again");
    await user.click(screen.getByRole("button", { name: "Keep my text" }));
    await waitFor(() => expect(address()).toBe(`/tickets/${ID}`));
    expect(patches().at(-1)).toEqual(['"5"', { title: "My title, again", body: "The password is denied.", priority: "normal" }]);
  });

  it("takes their text when told to, and saves from their version", async () => {
    const { user, address } = await runIntoConflict();
    await user.click(screen.getByRole("button", { name: "Take the saved text" }));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    expect(screen.getByLabelText("Title")).toHaveValue("Their title");
    await user.type(screen.getByLabelText("What happens"), " And mine.");
    await user.click(screen.getByRole("button", { name: "Save changes" }));
    await waitFor(() => expect(address()).toBe(`/tickets/${ID}`));
    expect(patches().at(-1)).toEqual(['"5"', { title: "Their title", body: "Their text. And mine.", priority: "normal" }]);
  });
});
