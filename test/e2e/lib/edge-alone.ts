import type { StackUnderTest } from "../stacks.ts";
import { Project } from "./project.ts";
import { until } from "./run.ts";

export const NINE = [
  "strict-transport-security",
  "content-security-policy",
  "x-frame-options",
  "x-content-type-options",
  "referrer-policy",
  "permissions-policy",
  "cross-origin-opener-policy",
  "cross-origin-resource-policy",
  "x-permitted-cross-domain-policies",
] as const;

/**
 * The edge of a project, started without what it hands requests to (which then answer 503): its settings can be
 * changed and its limits used up, and nobody else notices.
 */
export async function edgeAlone(of: Project, stack: StackUnderTest, settings: Readonly<Record<string, string>>): Promise<Project> {
  const name = `${stack.instance}-edge`;
  await Project.open(name, stack.edgePorts).destroy();
  const project = of.copyTo(name, stack.edgePorts);
  project.configure(settings);
  await project.mustOps("tls", ["init"]);
  await project.mustOps("maintenance", ["off"]);
  await startEdge(project);
  return project;
}

/** Starts it anew, with the settings that .env has now. */
export async function startEdge(project: Project): Promise<void> {
  await project.mustCompose(["up", "-d", "--no-deps", "--force-recreate", project.service("edge")]);
  const health = await project.becomes(project.service("edge"), "healthy", 30_000);
  if (health !== "healthy") throw new Error(`the edge is ${health}\n${await project.logs(project.service("edge"))}`);
}

/** The line of the access log that bears the request id. */
export async function logged(project: Project, requestId: string): Promise<Readonly<Record<string, string>>> {
  const find = async () => {
    for (const line of (await project.logs(project.service("edge"), 500)).split("\n"))
      if (line.includes(requestId) && line.startsWith("{")) return JSON.parse(line) as Record<string, string>;
    return {};
  };
  return until(find, (line) => "request_id" in line, 5000);
}
