import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { CORE, planOf, SECONDS, STACKS, TURNS } from "../e2e/turns.mjs";

const e2e = join(import.meta.dirname, "../e2e");
const files = readdirSync(join(e2e, "suite")).map((file) => file.replace(".test.ts", ""));

describe("what a run of the boot suite holds", () => {
  it("every file is in each run, or has a turn; every stack has files in turns", () => {
    expect(files.filter((file) => !CORE.includes(file) && !TURNS.some((turn) => turn.files.includes(file)))).toEqual([]);
    expect([...CORE, ...TURNS.flatMap((turn) => turn.files)].filter((file) => !files.includes(file))).toEqual([]);
    expect(new Set(TURNS.map((turn) => turn.stack))).toEqual(new Set(STACKS));
  });

  it("the stacks are those that have an adapter, and those of templates/", () => {
    const templates = readdirSync(join(e2e, "../../templates")).filter((name) => name !== "parts");
    expect(STACKS.toSorted()).toEqual(templates.toSorted());
  });

  it("as many commits as there are turns run everything, each within its time", () => {
    const seen = new Set<string>();
    for (let run = 1000; run < 1000 + TURNS.length; run++) {
      const plan = planOf(run, SECONDS);
      const taken = TURNS.filter((turn) => !plan.left.includes(turn));
      expect(taken.length).toBeGreaterThan(0);
      expect(taken.reduce((sum, turn) => sum + turn.seconds, 0)).toBeLessThanOrEqual(SECONDS);
      for (const turn of taken) {
        seen.add(`${turn.stack} ${turn.files.join(" ")}`);
        expect(plan.files.get(turn.stack)).toEqual(expect.arrayContaining([...turn.files]));
      }
      for (const stack of STACKS) expect(plan.files.get(stack)).toEqual(expect.arrayContaining([...CORE]));
    }
    expect(seen.size).toBe(TURNS.length);
  });

  it("without a limit everything is taken", () => {
    expect(planOf(7, Infinity).left).toEqual([]);
  });
});
