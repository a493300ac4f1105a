import { QueryClientProvider, useMutation } from "@tanstack/react-query";
import { cleanup, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { Route, Routes, useNavigate } from "react-router";
import { beforeEach, expect, it, vi } from "vitest";
import { request } from "../api/client";
import { createQueryClient } from "../api/query-client";
import { RequireSession, SignedOutOnly } from "../auth/guards";
import { SignInPage } from "../pages/sign-in";
import { expectAccessible } from "../test/accessible";
import { json, noContent, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { renderAt } from "../test/render-at";
import { DraftForm } from "./draft-form";
import { Field } from "./field";
import { Layout } from "./layout";
import { PageHeading } from "./page-heading";
import { useDraft } from "./use-draft";
import { useVersionedDraft } from "./use-versioned-draft";

const ADA = { id: 1, email: "ada@example.com" };
const EVE = { id: 11, email: "eve@example.com" };

let api: FakeApi;
let who: typeof ADA | null;
let stored: { readonly version: number; readonly title: string };

beforeEach(() => {
  who = ADA;
  stored = { version: 1, title: "A title" };
  api = signedInApi()
    .on("GET /auth/me/", () => (who === null ? problem(401) : json(who)))
    .on("POST /auth/logout/", () => {
      who = null;
      return noContent();
    })
    .on("POST /notes/", () => (who === null ? problem(401) : json({}, 201)))
    .on("PATCH /notes/1/", ({ body }) => {
      if (who === null) return problem(401);
      const { version } = body as { version: number };
      return version === stored.version ? json({ ...stored, version: version + 1 }) : problem(409);
    });
});

function NewNote() {
  const { draft, write, forget, restored } = useDraft({ title: "" });
  const navigate = useNavigate();
  const creating = useMutation({
    mutationFn: () => request("/notes/", { method: "POST", body: draft }),
    onSuccess: async () => {
      forget();
      await navigate("/notes");
    },
  });
  return (
    <DraftForm
      restored={restored}
      submitLabel="Save"
      cancelTo="/notes"
      onCancel={forget}
      busy={creating.isPending}
      error={creating.error}
      onSubmit={() => creating.mutate()}
      fields={[]}
    >
      {() => <Field label="Title" value={draft.title} onChange={({ target }) => write({ title: target.value })} />}
    </DraftForm>
  );
}

function ChangedNote() {
  const { form, conflict } = useVersionedDraft({
    stored,
    draftOf: ({ title }) => ({ title }),
    save: (version, changes) => request<typeof stored>("/notes/1/", { method: "PATCH", body: { ...changes, version } }),
    conflictStatus: 409,
    onSaved: () => undefined,
    leaveTo: "/notes",
  });
  const { draft, onChange, ...rest } = form;
  return (
    <>
      {conflict !== null && <p role="alert">Somebody was faster</p>}
      <DraftForm {...rest} submitLabel="Save" fields={[]}>
        {() => <Field label="Title" value={draft.title} onChange={({ target }) => onChange({ title: target.value })} />}
      </DraftForm>
    </>
  );
}

const page = (name: string, content: ReactNode) => (
  <>
    <PageHeading title={name} />
    {content}
  </>
);

/** The application in a tab that was opened, or loaded again, at an address. */
function openAt(path: string) {
  cleanup();
  return renderAt(
    path,
    <QueryClientProvider client={createQueryClient()}>
      <Routes>
        <Route element={<Layout />}>
          <Route element={<SignedOutOnly />}>
            <Route path="sign-in" element={<SignInPage />} />
          </Route>
          <Route element={<RequireSession />}>
            <Route path="notes/new" element={page("New note", <NewNote />)} />
            <Route path="notes/1/edit" element={page("Edit note", <ChangedNote />)} />
          </Route>
          <Route path="*" element={<PageHeading title="Elsewhere" />} />
        </Route>
      </Routes>
    </QueryClientProvider>,
  );
}

type User = ReturnType<typeof openAt>["user"];

const title = () => screen.findByLabelText("Title");
const save = (user: User) => user.click(screen.getByRole("button", { name: "Save" }));
const signOut = (user: User) => user.click(screen.getByRole("button", { name: "Sign out" }));
const back = () => screen.queryByText(/^What you wrote here before/);

async function signInAs(user: User, person: typeof ADA) {
  api.on("POST /auth/login/", () => {
    who = person;
    return json(person);
  });
  await user.type(await screen.findByLabelText("Email"), person.email);
  await user.type(screen.getByLabelText("Password"), "a long password");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await screen.findByText(person.email);
}

/** Writes something new, and tries to save it when the session has ended. */
async function writeTooLong() {
  const opened = openAt("/notes/new");
  await opened.user.type(await title(), "Mine");
  expect(back()).not.toBeInTheDocument();
  who = null;
  await save(opened.user);
  return opened;
}

it("is there again for who wrote it, after signing in again, until it is saved", async () => {
  const { user, address } = await writeTooLong();
  await signInAs(user, ADA);
  expect(await title()).toHaveValue("Mine");
  expect(back()).toBeVisible();
  await expectAccessible();
  await save(user);
  await waitFor(() => expect(address()).toBe("/notes"));
  expect(api.calls("POST /notes/").at(-1)?.body).toEqual({ title: "Mine" });
  openAt("/notes/new");
  expect(await title()).toHaveValue("");
});

it("never holds the password", async () => {
  const { user } = await writeTooLong();
  await signInAs(user, ADA);
  await title();
  expect(Object.values(sessionStorage)).toEqual([JSON.stringify({ title: "Mine" })]);
});

it("is shown to nobody else, and gone for good once somebody else has signed in", async () => {
  const { user } = await writeTooLong();
  await signInAs(user, EVE);
  expect(await title()).toHaveValue("");
  await waitFor(() => expect(sessionStorage).toHaveLength(0));
});

it("is forgotten by signing out", async () => {
  const { user } = openAt("/notes/new");
  await user.type(await title(), "Mine");
  await signOut(user);
  await screen.findByLabelText("Email");
  expect(sessionStorage).toHaveLength(0);
});

it("is forgotten by giving up, and by taking back what was typed", async () => {
  const { user } = openAt("/notes/new");
  await user.type(await title(), "Mine");
  expect(sessionStorage).toHaveLength(1);
  await user.clear(await title());
  expect(sessionStorage).toHaveLength(0);
  await user.type(await title(), "Mine");
  await user.click(screen.getByRole("link", { name: "Cancel" }));
  expect(sessionStorage).toHaveLength(0);
});

it("still knows the version it was made from: what was changed meanwhile is found", async () => {
  const { user } = openAt("/notes/1/edit");
  await user.type(await title(), " of mine");
  who = null;
  await save(user);
  stored = { version: 5, title: "Their title" };
  await signInAs(user, ADA);
  expect(await title()).toHaveValue("A title of mine");
  await save(user);
  expect(await screen.findByText("Somebody was faster")).toBeVisible();
  expect(api.calls("PATCH /notes/1/").at(-1)?.body).toEqual({ title: "A title of mine", version: 1 });
});

it("is not believed where it does not fit", async () => {
  sessionStorage.setItem("draft:1:/notes/new", JSON.stringify({ title: 7 }));
  sessionStorage.setItem("draft:1:/notes/1/edit", "{ no JSON");
  openAt("/notes/new");
  expect(await title()).toHaveValue("");
  openAt("/notes/1/edit");
  expect(await title()).toHaveValue("A title");
});

it("lives as long as the page where the browser keeps nothing", async () => {
  for (const access of ["getItem", "setItem", "removeItem"] as const)
    vi.spyOn(Storage.prototype, access).mockImplementation(() => {
      throw new DOMException("no", "SecurityError");
    });
  const { user, address } = openAt("/notes/new");
  await user.type(await title(), "Mine");
  expect(await title()).toHaveValue("Mine");
  await save(user);
  await waitFor(() => expect(address()).toBe("/notes"));
});
