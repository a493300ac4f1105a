import axe from "axe-core";
import { expect } from "vitest";

const off = { enabled: false };

/** What axe has against the page as it is. jsdom has no layout, and a test no index.html: a real browser looks at these. */
export async function expectAccessible(): Promise<void> {
  const { violations } = await axe.run(document, { rules: { "color-contrast": off, "html-has-lang": off } });
  expect(violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map(({ html }) => html) }))).toEqual([]);
}
