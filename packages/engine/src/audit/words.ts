import type { Problem } from "@breakwater/model";

/** A file and a line of it, counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** What the audit reads: nothing of it is run, and nothing else is looked at. */
export interface AuditInput {
  /** Path below the project's folder, with forward slashes → content. Holds every file a Compose file names. */
  readonly files: ReadonlyMap<string, AuditFile>;
  /** Each configuration that people start: its Compose files, first to last. */
  readonly configurations: readonly Configuration[];
  /** Variables for interpolation, as `.env` gives them. The environment of the caller is not looked at. */
  readonly env: Readonly<Record<string, string>>;
  /** `.breakwater/plan.json` and `files.json`, where there are any. */
  readonly record: AuditRecord | undefined;
  /** Paths that git ignores or that lie outside; undefined where git cannot be asked. */
  readonly ignored: ReadonlySet<string> | undefined;
}

export interface AuditFile {
  readonly text: string;
  /** Undefined where the platform keeps no such bit and git does not know the file. */
  readonly executable: boolean | undefined;
}

export interface Configuration {
  readonly name: string;
  /** In development ports may be published on the loopback address and networks may have a way out. */
  readonly mode: "production" | "development";
  readonly files: readonly string[];
}

/** The part of `.breakwater/plan.json` (format 1) that rules hold a project against. */
export interface AuditRecord {
  readonly networks: readonly { readonly name: string; readonly internal: boolean }[];
  readonly services: readonly { readonly name: string; readonly networks: readonly string[]; readonly secrets: readonly string[] }[];
  readonly flows: readonly { readonly from: string; readonly to: string; readonly port: number }[];
  readonly reaches: readonly { readonly from: string; readonly to: string }[];
  readonly published: readonly { readonly service: string; readonly scope: string; readonly container: number }[];
  readonly exceptions: readonly { readonly service: string; readonly control: string }[];
  /** Paths that were written with the executable bit. */
  readonly executables: readonly string[];
}

/** One thing that a rule found. `code` is the rule's id. */
export interface Finding extends Problem {
  readonly severity: "error" | "warning";
}

/** What a rule says; the catalogue adds severity and the usual mend. */
export interface Found {
  readonly rule: string;
  /** The narrowest place first, then those that enclose it: an `allow` comment counts at each. */
  readonly at: readonly Place[];
  readonly message: string;
  readonly hint?: string;
}

export interface AuditResult {
  readonly findings: readonly Finding[];
  /** What `# breakwater: allow RULE reason` comments silenced. */
  readonly allowed: readonly Finding[];
  /** What could not be read at all; then findings say nothing about that configuration. */
  readonly problems: readonly Problem[];
}
