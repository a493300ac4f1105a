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

/** What the projects that tests boot by themselves answer, by the word that a defect names them with (`on`). */
export const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  checkouts: [],
  deploy: [],
  logs: ["logShipping=http", "monitoring=true", "monitoringGrafana=false"],
  // There is no Grafana without a registry: its files are looked at, everything else runs.
  monitoring: ["monitoring=true", "monitoringGrafana=false"],
  "mongo-tls": ["mongoTls=true"],
  objects: ["strictIsolation=true", "egress=true"],
  pgbouncer: ["pgbouncer=true"],
  pitr: ["pitr=true"],
  s3: ["backupTarget=s3"],
  vault: ["secretsProvider=vault"],
  // Everything of the shop; Grafana as above, and what its test finds an image of besides.
  whole: [
    "aiServices=true",
    "internalTls=true",
    "monitoring=true",
    "monitoringGrafana=false",
    "paymentProvider=stripe",
    "pgbouncer=true",
    "pitr=true",
  ],
};
