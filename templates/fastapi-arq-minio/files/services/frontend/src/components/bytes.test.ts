import { expect, it } from "vitest";
import { bytes } from "./bytes";

it.each([
  [0, "0 bytes"],
  [1023, "1,023 bytes"],
  [1536, "1.5 KiB"],
  [1024 ** 3, "1 GiB"],
  [5 * 1024 ** 4, "5,120 GiB"],
])("%d → %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});
