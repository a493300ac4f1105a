import { act, screen } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { json, noContent, pageOf, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { fakeEvents, FakeEventSource, ID, storedFile } from "../test/files";
import { renderApp } from "../test/render-app";

let api: FakeApi;

beforeEach(() => {
  fakeEvents();
  api = signedInApi().on(`GET /files/${ID}/`, () => json(storedFile()));
});

it("shows what is in a text, and where to get it", async () => {
  renderApp(`/files/${ID}`);
  expect(await screen.findByRole("heading", { level: 1, name: "harbour.txt" })).toBeVisible();
  expect(screen.getByText("Words").nextSibling).toHaveTextContent("250");
  expect(screen.getByText("A breakwater keeps the harbour calm.")).toBeVisible();
  expect(screen.getByRole("link", { name: "Download" })).toHaveAttribute("href", `/api/v1/files/${ID}/content/`);
});

it("shows the small version of an image", async () => {
  const result = { size: 9, sha256: "", width: 640, height: 480 };
  api.on(`GET /files/${ID}/`, () => json(storedFile({ name: "a.png", has_thumbnail: true, result })));
  renderApp(`/files/${ID}`);
  expect(await screen.findByRole("img", { name: "Small version of a.png" })).toHaveAttribute(
    "src",
    `/api/v1/files/${ID}/thumbnail/`,
  );
  expect(screen.queryByText("Words")).not.toBeInTheDocument();
});

it("follows the job to its end", async () => {
  let state: "pending" | "failed" = "pending";
  api.on(`GET /files/${ID}/`, () => json(storedFile({ state, result: null, error: state === "failed" ? "It broke." : "" })));
  renderApp(`/files/${ID}`);
  expect(await screen.findByText("Waiting for the worker")).toBeVisible();
  state = "failed";
  await act(async () => FakeEventSource.say("file", { id: ID, state: "failed" }));
  expect(await screen.findByText("It broke.")).toBeVisible();
});

it("says so when there is no such file", async () => {
  api.on(`GET /files/${ID}/`, () => problem(404));
  renderApp(`/files/${ID}`);
  expect(await screen.findByText("This file does not exist, or no longer.")).toBeVisible();
  expect(screen.getByRole("link", { name: "All files" })).toHaveAttribute("href", "/files");
});

it("does not ask for what is no id", async () => {
  renderApp("/files/some-name");
  expect(await screen.findByRole("heading", { name: "Not found" })).toBeVisible();
});

it("makes a link that works without an account", async () => {
  api.on(`POST /files/${ID}/link/`, () => json({ url: "/api/v1/files/shared", expires_at: "2026-11-02T11:40:00Z" }));
  const { user } = renderApp(`/files/${ID}`);
  await user.click(await screen.findByRole("button", { name: "Make a link" }));
  expect(await screen.findByRole("link", { name: "Link to this file" })).toHaveAttribute("href", "/api/v1/files/shared");
});

it("asks before it deletes, says what will be lost, and leads back to the list", async () => {
  api.on(`DELETE /files/${ID}/`, noContent).on("GET /files/", () => json(pageOf()));
  const { user, address } = renderApp(`/files/${ID}`);
  await user.click(await screen.findByRole("button", { name: "Delete" }));
  expect(screen.getByRole("dialog", { name: "Delete this file?" })).toHaveTextContent("“harbour.txt”");
  expect(api.calls(`DELETE /files/${ID}/`)).toHaveLength(0);
  await user.click(screen.getAllByRole("button", { name: "Delete" }).at(-1) as HTMLElement);
  expect(await screen.findByText("You have not uploaded anything yet.")).toBeVisible();
  expect(address()).toBe("/files");
});
