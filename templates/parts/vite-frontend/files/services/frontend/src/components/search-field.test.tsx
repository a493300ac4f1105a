import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { SearchField } from "./search-field";

it("searches at once with Enter, and not a second time when the pause is over", async () => {
  const onSearch = vi.fn<(search: string) => void>();
  const user = userEvent.setup();
  render(<SearchField search="" onSearch={onSearch} />);
  await user.type(screen.getByLabelText("Search"), " sea {Enter}");
  expect(onSearch.mock.calls).toEqual([["sea"]]);
  await new Promise((wake) => setTimeout(wake, 400));
  expect(onSearch).toHaveBeenCalledTimes(1);
});
