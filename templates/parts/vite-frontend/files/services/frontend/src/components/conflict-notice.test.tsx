import { queryOptions } from "@tanstack/react-query";
import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import { request } from "../api/client";
import { expectAccessible } from "../test/accessible";
import { json, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { renderPiece } from "../test/render-at";
import { ConflictNotice, type Versioned } from "./conflict-notice";
import { DraftForm } from "./draft-form";
import { Field } from "./field";
import { useVersionedDraft } from "./use-versioned-draft";

type Note = Versioned & { readonly colour: string };

const STORED: Note = { version: 1, updated_at: "2026-11-02T11:30:00Z", title: "A title", body: "A text.", colour: "red" };
const THEIRS: Note = { ...STORED, version: 5, title: "Their title", body: "Their text." };

const noteQuery = queryOptions({ queryKey: ["notes", "1"], queryFn: ({ signal }) => request<Note>("/notes/1/", { signal }) });

let api: FakeApi;
let saved: number[];

const patches = () => api.calls("PATCH /notes/1/").map(({ body }) => body);

beforeEach(() => {
  saved = [];
  api = signedInApi()
    .on("GET /notes/1/", () => json(THEIRS))
    .on("PATCH /notes/1/", ({ body }) => {
      const { version } = body as { version: number };
      return version === THEIRS.version ? json({ ...THEIRS, version: 6 }) : problem(409, { title: "Conflict" });
    });
});

/** A page that changes a note, as a stack's pages change what they are about. */
function Editor() {
  const { form, conflict } = useVersionedDraft({
    stored: STORED,
    draftOf: ({ title, body, colour }) => ({ title, body, colour }),
    otherFields: { Colour: ({ colour }) => colour },
    save: (version, changes) => request<Note>("/notes/1/", { method: "PATCH", body: { ...changes, version } }),
    conflictStatus: 409,
    onSaved: ({ version }) => saved.push(version),
    leaveTo: "/notes/1",
  });
  const { draft, onChange, ...rest } = form;
  return (
    <>
      {conflict !== null && <ConflictNotice what="note" query={noteQuery} {...conflict} />}
      <DraftForm {...rest} submitLabel="Save" fields={["title", "body", "colour"]}>
        {(errors) => (
          <>
            <Field label="Title" value={draft.title} errors={errors["title"]} onChange={({ target }) => onChange({ ...draft, title: target.value })} />
            <Field multiline label="Text" value={draft.body} errors={errors["body"]} onChange={({ target }) => onChange({ ...draft, body: target.value })} />
            <Field label="Colour" value={draft.colour} errors={errors["colour"]} onChange={({ target }) => onChange({ ...draft, colour: target.value })} />
          </>
        )}
      </DraftForm>
    </>
  );
}

const save = () => screen.getByRole("button", { name: "Save" });

async function runIntoConflict() {
  const page = renderPiece(<Editor />);
  await page.user.clear(screen.getByLabelText("Title"));
  await page.user.type(screen.getByLabelText("Title"), "My title");
  await page.user.click(save());
  const notice = await screen.findByRole("alert");
  await within(notice).findByText("Their text.");
  return { ...page, notice };
}

it("there is none: saves from the version that was read", async () => {
  api.on("PATCH /notes/1/", () => json({ ...STORED, version: 2 }));
  const { user, address } = renderPiece(<Editor />);
  expect(screen.getByRole("link", { name: "Cancel" })).toHaveAttribute("href", "/notes/1");
  await user.type(screen.getByLabelText("Title"), "!");
  await user.click(save());
  await waitFor(() => expect(address()).toBe("/notes/1"));
  expect(saved).toEqual([2]);
  expect(patches()).toEqual([{ title: "A title!", version: 1 }]);
});

it("there is nothing to save: leaves, and asks the API for nothing", async () => {
  const { user, address } = renderPiece(<Editor />);
  await user.type(screen.getByLabelText("Title"), "!{Backspace}");
  await user.click(save());
  await waitFor(() => expect(address()).toBe("/notes/1"));
  expect(patches()).toEqual([]);
});

it("another refusal is none: the text stays and can be sent again", async () => {
  api.on("PATCH /notes/1/", () => problem(400, { title: "Invalid input", errors: { title: ["Already used."] } }));
  const { user } = renderPiece(<Editor />);
  await user.type(screen.getByLabelText("Title"), "!");
  await user.click(save());
  await waitFor(() => expect(screen.getByLabelText("Title")).toHaveFocus());
  expect(screen.getByLabelText("Title")).toHaveAccessibleDescription("Already used.");
  expect(save()).toBeEnabled();
  expect(api.calls("GET /notes/1/")).toHaveLength(0);
});

it("shows both texts and has saved neither", async () => {
  const { notice } = await runIntoConflict();
  expect(notice).toHaveTextContent("This note was changed while you were editing");
  expect(within(notice).getByRole("heading")).toHaveFocus();
  expect(notice).toHaveTextContent("req-4711");
  expect(notice).toHaveTextContent("Saved version 5");
  expect(notice).toHaveTextContent("Their title");
  expect(screen.getByLabelText("Title")).toHaveValue("My title");
  expect(save()).toBeDisabled();
  expect(patches()).toHaveLength(1);
  await expectAccessible();
});

it("saves one's own text over theirs when told to, with what was typed since", async () => {
  const { user, address } = await runIntoConflict();
  await user.type(screen.getByLabelText("Title"), ", again");
  await user.click(screen.getByRole("button", { name: "Keep my text" }));
  await waitFor(() => expect(address()).toBe("/notes/1"));
  expect(patches().at(-1)).toEqual({ title: "My title, again", version: 5 });
});

it("shows what else they changed, and reverts nothing that one left alone", async () => {
  api.on("GET /notes/1/", () => json({ ...THEIRS, colour: "green" }));
  const { user, address, notice } = await runIntoConflict();
  expect(within(notice).getByText("Colour: green (also if you keep your text)")).toBeVisible();
  await expectAccessible();
  await user.click(screen.getByRole("button", { name: "Keep my text" }));
  await waitFor(() => expect(address()).toBe("/notes/1"));
  expect(patches().at(-1)).toEqual({ title: "My title", version: 5 });
});

it("says where one's own choice goes over theirs, and shows theirs in the form when that is refused", async () => {
  api.on("GET /notes/1/", () => json({ ...THEIRS, colour: "green" }));
  const { user, notice } = await runIntoConflict();
  await user.type(screen.getByLabelText("Colour"), "dish");
  expect(within(notice).getByText("Colour: green (reddish if you keep your text)")).toBeVisible();
  api.on("PATCH /notes/1/", () => problem(400, { errors: { colour: ["Unknown."] } }));
  await user.click(screen.getByRole("button", { name: "Keep my text" }));
  await waitFor(() => expect(screen.getByLabelText("Colour")).toHaveFocus());
  expect(patches().at(-1)).toEqual({ title: "My title", colour: "reddish", version: 5 });
  expect(screen.getByLabelText("Text")).toHaveValue("Their text.");
  expect(screen.getByLabelText("Colour")).toHaveValue("reddish");
});

it("takes their text when told to, and saves from their version", async () => {
  const { user, address } = await runIntoConflict();
  await user.click(screen.getByRole("button", { name: "Take the saved text" }));
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  expect(screen.getByLabelText("Title")).toHaveValue("Their title");
  expect(patches()).toHaveLength(1);

  await user.type(screen.getByLabelText("Text"), " And mine.");
  await user.click(save());
  await waitFor(() => expect(address()).toBe("/notes/1"));
  expect(patches().at(-1)).toEqual({ body: "Their text. And mine.", version: 5 });
});

it("starts again when someone is faster a second time", async () => {
  const { user } = await runIntoConflict();
  api.on("PATCH /notes/1/", () => problem(409)).on("GET /notes/1/", () => json({ ...THEIRS, version: 6 }));
  await user.click(screen.getByRole("button", { name: "Keep my text" }));
  expect(await screen.findByText(/Saved version 6/)).toBeVisible();
  expect(screen.getByLabelText("Title")).toHaveValue("My title");
});

it("says why their text could not be read, and asks for it again", async () => {
  api.on("GET /notes/1/", () => problem(503, { title: "Not ready" }));
  const { user } = renderPiece(<Editor />);
  await user.type(screen.getByLabelText("Title"), "!");
  await user.click(save());
  const again = await screen.findByRole("button", { name: "Try again" });
  api.on("GET /notes/1/", () => json(THEIRS));
  await user.click(again);
  expect(await screen.findByText("Their text.")).toBeVisible();
});
