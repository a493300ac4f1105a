import type { Project } from "../e2e/lib/project.ts";
import { BOOT_DEFECTS } from "./boot.ts";

/**
 * Breaks a scaffolded project on purpose: by the defect that this run is about (`BREAKWATER_DEFECT`); not at all in other runs, nor
 * when the defect is one of another project.
 */
export function seedDefect(project: Project, of?: "monitoring"): void {
  const id = process.env["BREAKWATER_DEFECT"] ?? "";
  if (id === "") return;
  const defect = BOOT_DEFECTS.find((one) => one.id === id);
  if (defect === undefined) throw new Error(`no such defect: ${id}. One of: ${BOOT_DEFECTS.map((one) => one.id).join(", ")}`);
  if (defect.project === of) defect.apply(project);
}
