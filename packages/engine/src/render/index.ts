export { compileTemplate, precompileTemplate } from "./compile.ts";
export { lintTemplate } from "./lint.ts";
