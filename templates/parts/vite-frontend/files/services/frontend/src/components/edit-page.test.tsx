import { queryOptions } from "@tanstack/react-query";
import { act, screen } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { request } from "../api/client";
import { expectAccessible } from "../test/accessible";
import { json, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { renderPiece } from "../test/render-at";
import { EditPage } from "./edit-page";
import { Field } from "./field";

const noteQuery = queryOptions({ queryKey: ["notes", "1"], queryFn: ({ signal }) => request<{ title: string }>("/notes/1/", { signal }) });

let api: FakeApi;

beforeEach(() => {
  api = signedInApi().on("GET /notes/1/", () => json({ title: "A title" }));
});

const renderEditor = () =>
  renderPiece(
    <EditPage what="note" query={noteQuery}>
      {({ title }) => <Field label="Title" defaultValue={title} />}
    </EditPage>,
  );

it("says that there is nothing to edit", async () => {
  api.on("GET /notes/1/", () => problem(404));
  renderEditor();
  expect(await screen.findByText("This note does not exist, or no longer.")).toBeVisible();
});

it("offers to ask again for what could not be read", async () => {
  api.on("GET /notes/1/", () => problem(500, { title: "Broken" }));
  const { user } = renderEditor();
  const again = await screen.findByRole("button", { name: "Try again" });
  api.on("GET /notes/1/", () => json({ title: "A title" }));
  await user.click(again);
  expect(await screen.findByLabelText("Title")).toHaveValue("A title");
});

/** Writes, and lets the page read again what the API now answers. */
async function writeAndReadAgain(status: number) {
  const { user, queryClient } = renderEditor();
  await user.type(await screen.findByLabelText("Title"), ", and mine");
  api.on("GET /notes/1/", () => problem(status));
  await act(() => queryClient.refetchQueries({ queryKey: noteQuery.queryKey }));
}

it("says that it was deleted meanwhile, above what was written", async () => {
  await writeAndReadAgain(404);
  expect(await screen.findByRole("alert")).toHaveTextContent("This note was deleted while you were editing");
  expect(screen.getByLabelText("Title")).toHaveValue("A title, and mine");
  await expectAccessible();
});

it("leaves what was written in peace when it cannot be read again", async () => {
  await writeAndReadAgain(500);
  expect(screen.getByLabelText("Title")).toHaveValue("A title, and mine");
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});
