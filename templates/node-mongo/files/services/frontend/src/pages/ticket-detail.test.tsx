import { act, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { json, noContent, problem, type FakeApi } from "../test/fake-api";
import { renderApp } from "../test/render-app";
import { ID, OTHER_ID, cursorPage, ticket, ticketApi, unfinished } from "../test/tickets";

let api: FakeApi;

const reads = () => api.calls(`GET /tickets/${ID}/`).length;
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  api = ticketApi();
});

describe("the triage", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is asked for until it is done, and then no more", async () => {
    const answers = [unfinished("pending"), unfinished("running")];
    api.on(`GET /tickets/${ID}/`, () => {
      const triage = answers.shift();
      return json(triage === undefined ? ticket() : ticket({ triage }));
    });
    renderApp(`/tickets/${ID}`);
    await pass(50);
    expect(screen.getByText("Waiting for the worker")).toBeVisible();
    await pass(1_000);
    expect(screen.getByText("Being read")).toBeVisible();
    await pass(1_500);
    expect(screen.getByText("access")).toBeVisible();
    expect(screen.getByText("Urgency").nextSibling).toHaveTextContent("High");
    const done = reads();
    await pass(60_000);
    expect(reads()).toBe(done);
  });

  it("says why it failed", async () => {
    api.on(`GET /tickets/${ID}/`, () => json(ticket({ triage: unfinished("failed", "Gave up after too many attempts.") })));
    renderApp(`/tickets/${ID}`);
    await pass(50);
    expect(screen.getByText("Gave up after too many attempts.")).toBeVisible();
  });
});

describe("the state", () => {
  it("moves on from the version that is shown, and the history with it", async () => {
    api.on(`PATCH /tickets/${ID}/`, () => json(ticket({ state: "resolved", version: 2 })));
    const { user } = renderApp(`/tickets/${ID}`);
    const state = await screen.findByLabelText("State");
    api.on(`GET /tickets/${ID}/events/`, () =>
      json({
        results: [
          { id: `${ID}:2`, version: 2, kind: "changed", at: "2026-11-02T10:00:00Z", changes: [{ field: "state", from: "open", to: "resolved" }] },
        ],
      }),
    );
    await user.selectOptions(state, "Resolved");
    expect(await screen.findByText("Version 2")).toBeVisible();
    expect(await screen.findByText("state: open → resolved")).toBeVisible();
    const [call] = api.calls(`PATCH /tickets/${ID}/`);
    expect([call?.headers.get("If-Match"), call?.body]).toEqual(['"1"', { state: "resolved" }]);
  });

  it("that somebody else has changed is shown as it is, and nothing is saved", async () => {
    api.on(`PATCH /tickets/${ID}/`, () => problem(412));
    const { user } = renderApp(`/tickets/${ID}`);
    const state = await screen.findByLabelText("State");
    api.on(`GET /tickets/${ID}/`, () => json(ticket({ state: "closed", version: 7 })));
    await user.selectOptions(state, "Resolved");
    expect(await screen.findByRole("alert")).toHaveTextContent("Somebody changed this ticket a moment ago");
    expect(await screen.findByText("Version 7")).toBeVisible();
    expect(screen.getByLabelText("State")).toHaveValue("closed");
  });
});

it.each([`/tickets/${OTHER_ID}`, "/tickets/nine"])("%s is said to be missing", async (path) => {
  api.on(`GET /tickets/${OTHER_ID}/`, () => problem(404));
  renderApp(path);
  expect(await screen.findByText("This ticket does not exist, or no longer.")).toBeVisible();
});

async function confirm(user: ReturnType<typeof renderApp>["user"]) {
  await user.click(await screen.findByRole("button", { name: "Delete" }));
  expect(screen.getByRole("dialog", { name: "Delete this ticket?" })).toHaveTextContent("“Login fails”");
  await user.click(screen.getAllByRole("button", { name: "Delete" }).at(-1) as HTMLElement);
}

describe("deleting", () => {
  it("deletes what was read and goes back to the list", async () => {
    api.on(`DELETE /tickets/${ID}/`, noContent).on("GET /tickets/", () => json(cursorPage([])));
    const { user, address } = renderApp(`/tickets/${ID}`);
    await confirm(user);
    await waitFor(() => expect(address()).toBe("/tickets"));
    expect(api.calls(`DELETE /tickets/${ID}/`)[0]?.headers.get("If-Match")).toBe('"1"');
  });

  it("of what somebody else has changed is refused in the dialog, and the page shows it as it is", async () => {
    api.on(`DELETE /tickets/${ID}/`, () => problem(412, { title: "Precondition Failed", detail: "You changed version 1, but version 2 is stored." }));
    const { user, address } = renderApp(`/tickets/${ID}`);
    await screen.findByText("Version 1");
    api.on(`GET /tickets/${ID}/`, () => json(ticket({ version: 2 })));
    await confirm(user);
    expect(await screen.findByRole("alert")).toHaveTextContent("version 2 is stored");
    expect(await screen.findByText("Version 2")).toBeInTheDocument();
    expect(address()).toBe(`/tickets/${ID}`);
  });
});
