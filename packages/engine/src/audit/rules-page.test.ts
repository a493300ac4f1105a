import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";

import { RULES } from "./index.ts";

/** `pnpm schemas` sets the variable and writes the page; without it the page must be fresh. */
it("docs/rules.md lists every rule (pnpm schemas)", () => {
  const file = new URL("../../../../docs/rules.md", import.meta.url);
  const rows = Object.entries(RULES).map(
    ([id, { severity, says, mend }]) => `| \`${id}\` | ${severity} | ${says} | ${mend.replaceAll("|", "\\|")} |`,
  );
  const text = `# The rules of \`breakwater check\`

Written by \`pnpm schemas\` from \`packages/engine/src/audit/rules/catalogue.ts\`. Ids are stable.

\`breakwater check DIR\` reads any Compose project as Compose merges it: interpolation from \`.env\` (else \`.env.example\`),
anchors, \`extends\`, \`include\`, \`!reset\`, \`!override\`. It looks at what \`docker compose up\` would load and, where there is a
\`compose.production.yaml\`, at base plus production. It runs nothing of the project and reads nothing outside of it. In a
project of ours, ports, networks and secrets are held against \`.breakwater/plan.json\`; elsewhere against general shapes.

Exit codes: 0 clean or warnings only, 1 unreadable, 2 usage, 3 findings (with \`--strict\`, warnings too).

A finding is allowed by a comment on its line, or right above it or above its service, with a reason:

\`\`\`yaml
  # breakwater: allow writable-root the vendor's image rewrites its own configuration at start
  legacy:
\`\`\`

| rule | severity | found when | usual mend |
|---|---|---|---|
${rows.join("\n")}

Not checked: what an image itself contains or whether a health check asks the right thing; that needs the running stack
(\`ops/isolation\`, the boot suite). Paths outside of the project, remote \`include\` and \`build\` contexts are not read.
`;
  if (process.env["UPDATE_SCHEMAS"] === "1") writeFileSync(file, text);
  expect(readFileSync(file, "utf8")).toBe(text);
});
