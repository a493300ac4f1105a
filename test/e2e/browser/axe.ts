/// <reference lib="dom" />
import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe calls serious or critical on the page as it is, with the first place of each. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  // By the debugger, which the page's own policy does not bind.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${new URL(page.url()).pathname}: ${id}: ${help}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
}
