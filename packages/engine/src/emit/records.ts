import type { StackPlan } from "@breakwater/model";

import { bytesOf, type FileTree } from "../tree.ts";
import { map, printYaml } from "./yaml.ts";

/** .breakwater/answers.yaml: what was answered. `create --config` with it gives the same bytes. Never a secret. */
export function emitAnswers(plan: StackPlan): string {
  const root = map([
    { key: "name", value: plan.project.name },
    { key: "stack", value: plan.project.stack },
    { key: "options", value: map(Object.entries(plan.options).map(([key, value]) => ({ key, value }))) },
  ]);
  return printYaml(
    root,
    `What this project was scaffolded from. The same answers give the same files:\ncreate-breakwater <dir> --config .breakwater/answers.yaml`,
  );
}

/** .breakwater/plan.json: networks, flows and ports, for `breakwater check`. */
export function emitPlanRecord(plan: StackPlan): string {
  return json({
    format: 1,
    project: plan.project.name,
    stack: { id: plan.project.stack, version: plan.project.stackVersion, parts: plan.project.parts },
    edge: plan.services.find((service) => service.role === "edge")?.name ?? null,
    networks: plan.networks.map(({ name, internal }) => ({ name, internal })),
    services: plan.services.map((service) => ({
      name: service.name,
      networks: service.networks,
      listens: service.listens.map(({ port }) => ({ port })),
      secrets: service.secrets,
    })),
    flows: plan.flows.map(({ from, to, port, over }) => ({ from, to, port, over })),
    reaches: plan.reaches.map(({ from, to }) => ({ from, to })),
    published: plan.services.flatMap((service) =>
      service.publishes.map(({ scope, container, variable }) => ({ service: service.name, scope, container, variable })),
    ),
    exceptions: plan.services.flatMap((service) => service.exceptions.map(({ control, value }) => ({ service: service.name, control, value }))),
  });
}

/** .breakwater/files.json: owner and hash of each file, so that an update can tell your edits from ours. */
export function emitFilesRecord(tree: FileTree, sha256: (bytes: Uint8Array) => string): string {
  const files = [...tree.values()].map(
    (file) => [file.path, { owner: file.owner, sha256: sha256(bytesOf(file)), ...(file.executable ? { executable: true } : {}) }] as const,
  );
  return json({ format: 1, files: Object.fromEntries(files) });
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
