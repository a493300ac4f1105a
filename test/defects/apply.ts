import type { Project } from "../e2e/lib/project.ts";
import { BOOT_DEFECTS } from "./boot.ts";

/**
 * Breaks a scaffolded project on purpose: by the defects that this run is about (`BREAKWATER_DEFECT`, a comma between them); not at
 * all in other runs. `on` is the test that has this project for itself: a defect of its own is left to it.
 */
export function seedDefect(project: Project, on?: string): void {
  for (const id of (process.env["BREAKWATER_DEFECT"] ?? "").split(",").filter((one) => one !== "")) {
    const defect = BOOT_DEFECTS.find((one) => one.id === id);
    if (defect === undefined) throw new Error(`no such defect: ${id}. One of: ${BOOT_DEFECTS.map((one) => one.id).join(", ")}`);
    if (defect.on === on) defect.apply(project);
  }
}
