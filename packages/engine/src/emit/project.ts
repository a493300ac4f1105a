import type { StackPlan } from "@breakwater/model";

import { buildTree, type FileTree, type TreeFile } from "../tree.ts";
import { emitCompose, emitDevelopment, emitProduction } from "./compose.ts";
import { emitData } from "./data.ts";
import { emitControlsDoc, emitDocsIndex, emitExceptionsDoc, emitNetworkDoc } from "./docs.ts";
import { emitEnv } from "./env.ts";
import { emitLimitsDoc } from "./limits.ts";
import { emitNginx } from "./nginx.ts";
import { emitAnswers, emitFilesRecord, emitPlanRecord } from "./records.ts";
import { diagramSvg } from "./svg.ts";

/** The whole tree: the template's files and every spelling of the plan beside them. */
export function emitProject(plan: StackPlan, copied: FileTree, sha256: (bytes: Uint8Array) => string): FileTree {
  const emitted: Readonly<Record<string, string>> = {
    "compose.yaml": emitCompose(plan),
    "compose.override.yaml": emitDevelopment(plan),
    "compose.production.yaml": emitProduction(plan),
    ".env.example": emitEnv(plan),
    "docs/architecture/limits.md": emitLimitsDoc(plan),
    "docs/architecture/network.md": emitNetworkDoc(plan),
    "docs/architecture/network.svg": diagramSvg(plan),
    "docs/README.md": emitDocsIndex(plan),
    "docs/controls.md": emitControlsDoc(plan),
    "docs/security/exceptions.md": emitExceptionsDoc(plan),
    ...emitNginx(plan),
    ...emitData(plan),
    ".breakwater/answers.yaml": emitAnswers(plan),
    ".breakwater/plan.json": emitPlanRecord(plan),
  };
  const files = Object.entries(emitted).map(([path, content]): TreeFile => ({
    path,
    content,
    executable: false,
    owner: "breakwater",
    origin: `emit: ${path}`,
  }));
  const tree = buildTree([...copied.values(), ...files]);
  return buildTree([
    ...tree.values(),
    {
      path: ".breakwater/files.json",
      content: emitFilesRecord(tree, sha256),
      executable: false,
      owner: "breakwater",
      origin: "emit: .breakwater/files.json",
    },
  ]);
}
