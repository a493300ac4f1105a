import { screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { ApiError, type FieldErrors } from "../api/errors";
import { expectAccessible } from "../test/accessible";
import { renderPiece } from "../test/render-at";
import { CredentialsForm } from "./credentials-form";
import { Field } from "./field";
import { Form } from "./form";

const refused = (fieldErrors: FieldErrors) =>
  new ApiError({ status: 400, title: "Invalid input", detail: "", requestId: "req-4711", retryAt: null, fieldErrors });

const form = (error: Error | null, onSubmit: (form: HTMLFormElement) => void = () => undefined) => (
  <Form error={error} fields={["name", "place"]} onSubmit={onSubmit}>
    {(errors) => (
      <>
        <Field label="Name" name="name" errors={errors["name"]} />
        <Field label="Place" name="place" hint="Where it lies." errors={errors["place"]} />
        <button type="submit">Send</button>
      </>
    )}
  </Form>
);

it("gives what was typed to the page, and stays where it is", async () => {
  const sent = vi.fn<(form: HTMLFormElement) => void>();
  const { user, address } = renderPiece(form(null, sent));
  await user.type(screen.getByLabelText("Name"), "Ada{Enter}");
  expect(sent).toHaveBeenCalledOnce();
  expect(sent.mock.calls[0]?.[0]).toHaveFormValues({ name: "Ada", place: "" });
  expect(address()).toBe("/here");
});

it("ties messages to their fields and moves the focus there", async () => {
  renderPiece(form(refused({ place: ["Too far.", "Too wet."], other: ["Closed today."] })));
  const place = screen.getByLabelText("Place");
  await waitFor(() => expect(place).toHaveFocus());
  expect(place).toBeInvalid();
  expect(place).toHaveAccessibleDescription("Too far. Too wet. Where it lies.");
  expect(screen.getByText("Closed today.")).toBeVisible();
  expect(screen.getByRole("alert")).toHaveTextContent("req-4711");
  expect(screen.getByLabelText("Name")).toBeValid();
  await expectAccessible();
});

it("says what no field is to blame for, and takes the focus from nobody", () => {
  renderPiece(form(new Error("of its own")));
  expect(screen.getByRole("alert")).toHaveTextContent("Something went wrong");
  expect(screen.getByLabelText("Name")).toBeValid();
  expect(document.body).toHaveFocus();
});

it("with an account's name and password is sent as both", async () => {
  const entered = vi.fn<(credentials: { email: string; password: string }) => void>();
  const { user } = renderPiece(
    <CredentialsForm submitLabel="Go" passwordKind="current-password" busy={false} error={null} onSubmit={entered} />,
  );
  await user.type(screen.getByLabelText("Email"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "a long password{Enter}");
  expect(entered).toHaveBeenCalledWith({ email: "ada@example.com", password: "a long password" });
});
