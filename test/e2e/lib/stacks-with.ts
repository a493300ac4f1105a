import { describe, it, type TestOptions } from "vitest";

/**
 * Tests that only some stacks have. `what` names the thing that decides ("SQL", "documents", a stack's own application), `here` is whether this
 * stack has it. Where it has not, they are left out and their title says so: test/report.mjs takes any other test that did not run for a failure.
 */
export function stacksWith(what: string, here: boolean) {
  const mark = here ? "" : ` (not in this stack: ${what})`;
  return {
    describe: (title: string, body: () => void) => describe.runIf(here)(`${title}${mark}`, body),
    it: (title: string, options: TestOptions | (() => Promise<void>), body?: () => Promise<void>) =>
      typeof options === "function" ? it.runIf(here)(`${title}${mark}`, options) : it.runIf(here)(`${title}${mark}`, options, body),
  };
}
