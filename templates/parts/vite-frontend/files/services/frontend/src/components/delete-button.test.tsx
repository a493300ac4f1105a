import { screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { request } from "../api/client";
import { expectAccessible } from "../test/accessible";
import { noContent, problem, signedInApi, type FakeApi } from "../test/fake-api";
import { renderPiece } from "../test/render-at";
import { DeleteButton } from "./delete-button";

let api: FakeApi;

const deletes = () => api.calls("DELETE /notes/1/").length;

beforeEach(() => {
  api = signedInApi().on("DELETE /notes/1/", noContent);
});

function renderButton(onRefused?: (error: Error) => void) {
  const page = renderPiece(
    <DeleteButton
      what="note"
      remove={() => request("/notes/1/", { method: "DELETE" })}
      {...(onRefused === undefined ? {} : { onRefused })}
      listPath="/notes"
      detailKey={["notes", "detail", "1"]}
      listsKey={["notes", "list"]}
    >
      “A title” will be gone.
    </DeleteButton>,
  );
  page.queryClient.setQueryData(["notes", "detail", "1"], "known");
  page.queryClient.setQueryData(["notes", "list", 1], "known");
  return page;
}

type User = ReturnType<typeof renderButton>["user"];

const ask = (user: User) => user.click(screen.getByRole("button", { name: "Delete" }));

async function confirm(user: User) {
  await ask(user);
  await user.click(screen.getAllByRole("button", { name: "Delete" }).at(-1) as HTMLElement);
}

it("asks first, and does nothing when cancelled", async () => {
  const { user } = renderButton();
  await ask(user);
  expect(screen.getByRole("dialog", { name: "Delete this note?" })).toHaveTextContent("“A title” will be gone.");
  await expectAccessible();
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(deletes()).toBe(0);
});

it.each([
  ["deletes, goes back to the list and forgets what was read", noContent],
  ["is content when someone was faster", () => problem(404)],
])("%s", async (_title, answer) => {
  api.on("DELETE /notes/1/", answer);
  const { user, address, queryClient } = renderButton();
  await confirm(user);
  await waitFor(() => expect(address()).toBe("/notes"));
  expect(deletes()).toBe(1);
  await waitFor(() => expect(queryClient.getQueryState(["notes", "list", 1])?.isInvalidated).toBe(true));
  expect(queryClient.getQueryData(["notes", "detail", "1"])).toBeUndefined();
});

it("shows a refusal in the dialog, tells the page, and begins anew when asked again", async () => {
  api.on("DELETE /notes/1/", () => problem(500, { title: "Broken" }));
  const told = vi.fn<(error: Error) => void>();
  const { user, address, queryClient } = renderButton(told);
  await confirm(user);
  expect(await screen.findByRole("alert")).toHaveTextContent("req-4711");
  expect(screen.getByRole("dialog")).toBeVisible();
  expect(told).toHaveBeenCalledOnce();
  expect(address()).toBe("/here");
  expect(queryClient.getQueryData(["notes", "detail", "1"])).toBe("known");

  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await ask(user);
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});
