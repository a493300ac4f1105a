import type { PlanService, RateTier } from "./plan-service.ts";

export type * from "./plan-service.ts";

/**
 * The plan: every fact of one project, concrete and sorted, no options left.
 *
 *     answers → Answers → StackPlan → FileTree → disk
 *
 * `resolvePlan` makes it, `checkPlan` judges it, the engine's emitters spell it. Lists are sorted
 * by name, so the order in which options and parts were given cannot show in any output.
 */
export interface StackPlan {
  readonly project: PlanProject;
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly networks: readonly PlanNetwork[];
  readonly services: readonly PlanService[];
  readonly flows: readonly Flow[];
  readonly reaches: readonly Reach[];
  readonly secrets: readonly PlanSecret[];
  readonly volumes: readonly PlanVolume[];
  readonly images: readonly PlanImage[];
  readonly tiers: readonly RateTier[];
  readonly variables: readonly PlanVariable[];
  readonly files: readonly PlanFile[];
  readonly pages: readonly PlanPage[];
  readonly controls: readonly PlanControl[];
}

/** A page of the project's documents, and what it answers. */
export interface PlanPage {
  readonly path: string;
  readonly answers: string;
}

export type OptionValue = string | boolean;

export interface PlanProject {
  /** DNS label: Compose project, image names, host names. */
  readonly name: string;
  readonly title: string;
  /** The name with underscores: valid as a Python module or a database name. */
  readonly slug: string;
  readonly stack: string;
  readonly stackTitle: string;
  readonly stackVersion: string;
  readonly parts: readonly string[];
}

export interface PlanNetwork {
  readonly name: string;
  readonly tiers: readonly string[];
  readonly internal: boolean;
  readonly subnet?: string;
  /** A segment: the service that is called on it. */
  readonly of?: string;
  readonly why: string;
  readonly at: string;
}

/** Sources that are no service: everybody, and the engine that hands on what services write. */
export const OUTSIDE: readonly string[] = ["internet", "engine"];

/** `from → to : port`. Directional. */
export interface Flow {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  /** The networks that carry it; at least one once the plan is checked. */
  readonly over: readonly string[];
  readonly why: string;
  readonly at: string;
}

/** Two services share a network without a flow between them, and somebody said why that is accepted. */
export interface Reach {
  readonly from: string;
  readonly to: string;
  readonly why: string;
  readonly at: string;
}

export interface PlanSecret {
  readonly name: string;
  readonly bytes: number;
  readonly format: "hex" | "base64";
  /** Where its consumers see it, when that is not /run/secrets. */
  readonly target?: string;
  /** The uid that alone reads the file, where the host lets us say so. */
  readonly owner?: string;
  /** The operator brings it; nothing is generated. */
  readonly given: boolean;
  /** `file`: a file on the host is all there is; otherwise the service through which the file is fetched. */
  readonly provider: string;
  readonly derive?: { readonly by: string; readonly from: string };
  readonly rotate: Rotation;
  readonly consumers: readonly string[];
  /** The consumers that read it at their start only: a new value means a new container. */
  readonly recreate: readonly string[];
  readonly why: string;
  readonly at: string;
}

/** Where a secret's value lives besides its file. `at` is a service, `as` the secret of the role that may change it. */
export type Rotation =
  | { readonly by: "file"; readonly keepDays?: number }
  | { readonly by: "postgres-role"; readonly at: string; readonly role: string; readonly as: string }
  | { readonly by: "redis-acl"; readonly at: string; readonly user: string; readonly may?: string }
  | { readonly by: "keyfile"; readonly at: string }
  | { readonly by: "login"; readonly at: string; readonly user: string }
  | { readonly by: "repository-key"; readonly at: string };

export interface PlanVolume {
  readonly name: string;
  readonly why: string;
  readonly at: string;
}

export interface PlanImage {
  /** The variable that overrides it (`POSTGRES_IMAGE`). */
  readonly variable: string;
  readonly reference: string;
  readonly at: string;
}

/** One line of `.env.example`. */
export interface PlanVariable {
  readonly name: string;
  readonly value: string;
  readonly why: string;
  /** Commented out: the default of the Compose file holds until somebody sets it. */
  readonly optional: boolean;
  readonly at: string;
}

export type Owner = "breakwater" | "you";

export interface PlanFile {
  /** `parts/<part>` or the id of the stack: which template folder it comes from. */
  readonly origin: string;
  readonly source: string;
  readonly path: string;
  readonly owner: Owner;
}

/** A promise of the project: what holds, which file makes it hold, which test proves it. */
export interface PlanControl {
  readonly id: string;
  readonly claim: string;
  readonly file: string;
  readonly test: string;
}
