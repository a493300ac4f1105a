import type { Project } from "../e2e/lib/project.ts";
import { BOOT_DEFECTS } from "./boot.ts";

/** Breaks a scaffolded project on purpose, by the defect's id; a defect of a test's own project is left to that test. */
export function applyDefect(project: Project, id: string, on?: string): void {
  const defect = BOOT_DEFECTS.find((one) => one.id === id);
  if (defect === undefined) throw new Error(`no such defect: ${id}. One of: ${BOOT_DEFECTS.map((one) => one.id).join(", ")}`);
  if (defect.on === on) defect.apply(project);
}
