export { auditProject } from "./audit.ts";
export { RULES } from "./rules/catalogue.ts";
export type { Rule, RuleId } from "./rules/catalogue.ts";
export { secretPaths } from "./rules/secrets.ts";
export { loadConfiguration } from "./load/compose.ts";
export type { AuditFile, AuditInput, AuditRecord, AuditResult, Configuration, Finding } from "./words.ts";
export { networksOf, portsOf, viewsOf } from "./service.ts";
export { textsOf, valueAt } from "./load/tree.ts";
