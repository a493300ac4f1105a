import { seedDefect } from "../defects/apply.ts";
import { Project } from "./lib/project.ts";
import { stackUnderTest } from "./stacks.ts";

/** Boots the production files once for the whole suite, and removes everything that was started. */
export default async function setup(): Promise<() => Promise<void>> {
  const stack = stackUnderTest();
  // For work on one test: ATTACH=1 looks at the stack that a run with KEEP=1 left standing.
  if (process.env["ATTACH"] === "1") return async () => {};
  const leftover = Project.open(stack.instance, stack.ports);
  // What a killed run left, the second instance first: it stands on the same folder.
  await Project.open(`${stack.instance}-second`, stack.secondPorts).destroy();
  await leftover.destroy();
  // E2E_SET=pgbouncer=true: the same suite on other answers.
  const set = (process.env["E2E_SET"] ?? "").split(",").filter((one) => one !== "");
  const project = await Project.scaffold(stack.id, stack.instance, stack.ports, set);
  // For tests that boot a project of their own and only read the files of this one.
  if (process.env["E2E_UNBOOTED"] === "1") return async () => {};
  seedDefect(project);
  project.configure();
  const start = Date.now();
  const up = await project.ops("up", ["--production", "--build"], { timeout: 900_000 });
  if (up.code !== 0) {
    const logs = await project.compose(["logs", "--tail", "40"]);
    await project.destroy();
    throw new Error(`ops/up --production ended with ${up.code}\n${up.out.slice(-5000)}\n${up.err.slice(-5000)}\n${logs.out.slice(-8000)}`);
  }
  await stack.application.prepare?.(project);
  console.log(`${stack.id}: production files up and healthy in ${Math.round((Date.now() - start) / 1000)} s, images built`);
  return async () => {
    if (process.env["KEEP"] !== "1") await project.destroy();
  };
}
