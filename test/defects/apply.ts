import type { Project } from "../e2e/lib/project.ts";
import { BOOT_DEFECTS } from "./boot.ts";

/** Breaks a scaffolded project on purpose: the defects of these ids (a comma between them) that belong to this project of the suite. */
export function applyDefect(project: Project, ids: string, on: "main" | "pgbouncer"): void {
  for (const id of ids.split(",")) {
    const defect = BOOT_DEFECTS.find((one) => one.id === id);
    if (defect === undefined) throw new Error(`no such defect: ${id}. One of: ${BOOT_DEFECTS.map((one) => one.id).join(", ")}`);
    if ((defect.on ?? "main") === on) defect.apply(project);
  }
}
