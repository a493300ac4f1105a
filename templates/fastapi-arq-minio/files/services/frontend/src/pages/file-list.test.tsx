import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { MAX_BYTES } from "../api/files";
import { json, pageOf, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { fakeEvents, FakeEventSource, fakeUploads, ID, storedFile } from "../test/files";
import { renderApp } from "../test/render-app";

let api: FakeApi;

beforeEach(() => {
  fakeEvents();
  api = signedInApi().on("GET /files/", () => json(pageOf(storedFile())));
});

const text = (name: string) => new File(["hello"], name, { type: "text/plain" });

const say = (event: string, data?: unknown) => act(async () => FakeEventSource.say(event, data));

it("lists files with their state and size", async () => {
  renderApp("/files");
  expect(await screen.findByRole("link", { name: "harbour.txt" })).toHaveAttribute("href", `/files/${ID}`);
  expect(screen.getByText("Checked")).toBeVisible();
  expect(screen.getByText("1.5 KiB")).toBeVisible();
  expect(screen.getByText("1 file")).toBeVisible();
});

it("turns pages", async () => {
  api.on("GET /files/", ({ query }) =>
    json(
      query.get("page") === "2"
        ? { ...pageOf(storedFile({ name: "second.txt" })), previous: "x" }
        : { ...pageOf(storedFile()), next: "x", count: 21 },
    ),
  );
  const { user, address } = renderApp("/files");
  await user.click(await screen.findByRole("button", { name: "Next" }));
  expect(await screen.findByRole("link", { name: "second.txt" })).toBeVisible();
  expect(address()).toBe("/files?page=2");
  await user.click(screen.getByRole("button", { name: "Previous" }));
  expect(await screen.findByRole("link", { name: "harbour.txt" })).toBeVisible();
  expect(address()).toBe("/files");
});

it("leads back from a page that is not there", async () => {
  api.on("GET /files/", ({ query }) => (query.get("page") === "9" ? problem(404) : json(pageOf(storedFile()))));
  const { user } = renderApp("/files?page=9");
  await user.click(await screen.findByRole("button", { name: "First page" }));
  expect(await screen.findByRole("link", { name: "harbour.txt" })).toBeVisible();
});

it("says so when there is nothing yet, and what went wrong", async () => {
  api.on("GET /files/", () => json(pageOf()));
  renderApp("/files");
  expect(await screen.findByText("You have not uploaded anything yet.")).toBeVisible();
  api.on("GET /files/", () => problem(500, { title: "Broken" }));
  await say("resync");
  expect(await screen.findByText("Broken")).toBeVisible();
});

describe("live", () => {
  it("shows how far a job is, and its end", async () => {
    let state: "processing" | "done" = "processing";
    api.on("GET /files/", () => json(pageOf(storedFile({ state }))));
    renderApp("/files");
    expect(await screen.findByText("Being read")).toBeVisible();
    const before = api.calls("GET /files/").length;

    await say("file", { id: ID, state: "processing", progress: 40 });
    expect(await screen.findByText("Being read 40 %")).toBeVisible();
    expect(api.calls("GET /files/")).toHaveLength(before);

    state = "done";
    await say("file", { id: ID, state: "done", progress: 100 });
    expect(await screen.findByText("Checked")).toBeVisible();
  });

  it("asks again after it may have missed something", async () => {
    renderApp("/files");
    await screen.findByRole("link", { name: "harbour.txt" });
    const before = api.calls("GET /files/").length;
    await say("resync");
    await waitFor(() => expect(api.calls("GET /files/").length).toBe(before + 1));
  });

  it("ends with the session", async () => {
    api.on("POST /auth/logout/", () => new Response(null, { status: 204 }));
    const { user } = renderApp("/files");
    await screen.findByRole("link", { name: "harbour.txt" });
    expect(FakeEventSource.all.map(({ url }) => url)).toEqual(["/api/v1/files/events/"]);
    await user.click(screen.getByRole("button", { name: "Sign out" }));
    await waitFor(() => expect(FakeEventSource.all.every(({ closed }) => closed)).toBe(true));
  });
});

describe("uploading", () => {
  it("sends the file as it is, shows how far it has come, and makes room", async () => {
    const sent = fakeUploads();
    const { user } = renderApp("/files");
    await user.upload(await screen.findByLabelText("Choose files"), text("notes ä.txt"));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]?.url).toBe("POST /api/v1/files/?name=notes%20%C3%A4.txt");
    expect(sent[0]?.headers.get("X-CSRFToken")).toBe("token-in-cookie");
    expect(sent[0]?.body.name).toBe("notes ä.txt");

    act(() => sent[0]?.progress(2, 5));
    expect(screen.getByRole("progressbar", { name: "Upload of notes ä.txt" })).toHaveValue(0.4);
    expect(screen.getByText("40 % of 5 bytes")).toBeVisible();

    const before = api.calls("GET /files/").length;
    await act(async () => sent[0]?.answer(201, storedFile()));
    await waitFor(() => expect(screen.queryByRole("progressbar")).not.toBeInTheDocument());
    expect(screen.getByText("notes ä.txt was uploaded.")).toBeInTheDocument();
    await waitFor(() => expect(api.calls("GET /files/").length).toBeGreaterThan(before));
  });

  it("is sent again with a new token when the API refuses the one of the cookie", async () => {
    api.on("GET /auth/csrf/", () => json({ csrf_token: "fresh" }));
    const sent = fakeUploads();
    const { user } = renderApp("/files");
    await user.upload(await screen.findByLabelText("Choose files"), text("notes.txt"));
    await waitFor(() => expect(sent).toHaveLength(1));
    await act(async () => sent[0]?.answer(403, { code: "csrf_failed" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]?.headers.get("X-CSRFToken")).toBe("fresh");
    expect(sent[1]?.body.name).toBe("notes.txt");
    await act(async () => sent[1]?.answer(201, storedFile()));
    expect(await screen.findByText("notes.txt was uploaded.")).toBeInTheDocument();
  });

  it("sends two at a time", async () => {
    const sent = fakeUploads();
    const { user } = renderApp("/files");
    await user.upload(await screen.findByLabelText("Choose files"), [text("1.txt"), text("2.txt"), text("3.txt")]);
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(screen.getByText("Waiting for its turn")).toBeVisible();
    await act(async () => sent[0]?.answer(201, storedFile()));
    await waitFor(() => expect(sent).toHaveLength(3));
  });

  it("takes what is dropped", async () => {
    const sent = fakeUploads();
    renderApp("/files");
    const area = (await screen.findByText(/Or drop them here/)).parentElement as HTMLElement;
    fireEvent.dragOver(area);
    expect(area).toHaveClass("over");
    fireEvent.drop(area, { dataTransfer: { files: [text("dropped.txt")] } });
    await waitFor(() => expect(sent[0]?.body.name).toBe("dropped.txt"));
    expect(area).not.toHaveClass("over");
  });

  it("says what was refused, with the id to ask for, and does not offer what cannot help", async () => {
    const sent = fakeUploads();
    const { user } = renderApp("/files");
    await user.upload(await screen.findByLabelText("Choose files"), text("tool.exe"));
    await waitFor(() => expect(sent).toHaveLength(1));
    await act(async () =>
      sent[0]?.answer(415, { title: "Unsupported Media Type", detail: "Neither text nor image.", request_id: "req-4711" }),
    );
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent("Neither text nor image.");
    expect(alert).toHaveTextContent("req-4711");
    expect(within(alert).queryByRole("button")).not.toBeInTheDocument();
    await user.click(screen.getByRole("button", { name: "Remove tool.exe" }));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("tries again when asked to", async () => {
    const sent = fakeUploads();
    const { user } = renderApp("/files");
    await user.upload(await screen.findByLabelText("Choose files"), text("a.txt"));
    await waitFor(() => expect(sent).toHaveLength(1));
    await act(async () => sent[0]?.fail());
    expect(await screen.findByRole("alert")).toHaveTextContent("The server could not be reached");
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("does not even send what is too large", async () => {
    const sent = fakeUploads();
    const { user } = renderApp("/files");
    const large = text("film.mp4");
    Object.defineProperty(large, "size", { value: MAX_BYTES + 1 });
    await user.upload(await screen.findByLabelText("Choose files"), large);
    expect(await screen.findByRole("alert")).toHaveTextContent("This file is too large");
    expect(sent).toHaveLength(0);
  });

  it("can be cancelled", async () => {
    const sent = fakeUploads();
    const { user } = renderApp("/files");
    await user.upload(await screen.findByLabelText("Choose files"), text("a.txt"));
    await waitFor(() => expect(sent).toHaveLength(1));
    await user.click(screen.getByRole("button", { name: "Cancel a.txt" }));
    expect(sent[0]?.aborted()).toBe(true);
    await waitFor(() => expect(screen.queryByText("a.txt")).not.toBeInTheDocument());
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});
