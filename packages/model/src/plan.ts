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

export type PlanRun =
  | { readonly kind: "image"; readonly image: string }
  | {
      readonly kind: "build";
      readonly context: string;
      /** Below the context, when it is not `Dockerfile`. */
      readonly dockerfile?: string;
      readonly target: string;
      readonly images: readonly string[];
    }
  /** Runs the image that another service builds. */
  | { readonly kind: "shared"; readonly service: string };

/** One of several copies of a service, of which one at a time has the traffic. */
export interface Copy {
  /** The service it is a copy of; the first copy bears that name itself. */
  readonly of: string;
  /** `blue`, `green`. */
  readonly name: string;
  /** Not started by itself. */
  readonly standby: boolean;
  /** What is deployed together with it and apart from all else; without it, with everything that has none. */
  readonly unit?: string;
}

/** A request that a version must answer with 200. */
export interface Smoke {
  readonly path: string;
  readonly contains?: string;
  readonly why: string;
}

export interface PlanService {
  readonly name: string;
  readonly copy?: Copy;
  /** The tag of its image when the image is built here, as Compose interpolates it. */
  readonly version: string;
  /** The unit of which it runs the image, when it is deployed apart from others. */
  readonly unit?: string;
  readonly part: string;
  readonly role: string;
  readonly provides: readonly string[];
  readonly why: string;
  readonly run: PlanRun;
  readonly user: string;
  readonly oneShot: boolean;
  /** Not started with the project; a script runs it. */
  readonly onDemand: boolean;
  /** The engine sends it what every other service writes, to this port of the host's loopback address. */
  readonly collectsLogs?: LogCollector;
  readonly init: boolean;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly listens: readonly Listen[];
  /** It answers with a certificate of the project's CA, in /run/tls. */
  readonly servesTls?: ServesTls;
  readonly publishes: readonly Publish[];
  readonly routes: readonly Route[];
  readonly smoke: readonly Smoke[];
  readonly secrets: readonly string[];
  /** Secrets that it finds in /run/secrets under another name than their own. */
  readonly sees: Readonly<Record<string, string>>;
  readonly volumes: readonly Mount[];
  readonly tmpfs: readonly Tmpfs[];
  readonly health?: Health;
  readonly limits?: Limits;
  readonly dependsOn: readonly Dependency[];
  readonly stopGracePeriod?: string;
  readonly shmSize?: string;
  readonly development: Overlay;
  readonly production: Overlay;
  readonly exceptions: readonly HardeningException[];
  /** Why-comments for Compose keys of this service (`entrypoint: …`). */
  readonly notes: Readonly<Record<string, string>>;
  readonly at: string;
}

export interface LogCollector {
  readonly port: number;
  readonly variable: string;
}

export interface ServesTls {
  /** What makes it take a renewed certificate; without it, the container is started again. */
  readonly reload?: string;
}

export interface Listen {
  readonly port: number;
  readonly name: string;
  /** `callers`: only on the networks that carry a flow to this port; `all`: on every network it is on. */
  readonly bind: "callers" | "all";
}

export type Scope = "base" | "development" | "production";

export interface Publish {
  readonly scope: Scope;
  readonly container: number;
  readonly variable: string;
  readonly port: number;
  /** The address on the host; `loopback` unless the edge faces the world. */
  readonly address: "loopback" | "any";
  readonly scheme: "http" | "https" | "tcp";
  readonly at: string;
}

export interface Route {
  readonly path: string;
  readonly match: "prefix" | "exact";
  readonly tier: string;
  /** Its answers hold no secret, so their length may tell what is in them. */
  readonly compress: boolean;
  /** Its service sends a content policy of its own. */
  readonly ownPolicy: boolean;
  /** The largest body, handed on as it comes; the edge's own limit where there is none. */
  readonly uploads?: string;
  readonly why: string;
}

export interface RateTier {
  readonly name: string;
  /** Requests a minute and client address. */
  readonly perMinute: number;
  readonly burst: number;
  readonly why: string;
}

export interface Mount {
  readonly kind: "volume" | "bind";
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly why: string;
}

export interface Tmpfs {
  readonly target: string;
  readonly size: string;
  readonly mode: string;
  readonly owner?: string;
}

export interface Health {
  readonly test: readonly string[];
  readonly timeout: string;
  readonly retries: number;
  readonly startPeriod: string;
}

export interface Limits {
  readonly cpus: string;
  readonly memory: string;
  readonly pids: number;
  readonly reserveCpus: string;
  readonly reserveMemory: string;
}

export interface Dependency {
  readonly service: string;
  readonly condition: "service_healthy" | "service_completed_successfully" | "service_started";
}

/** What an environment changes at a service. */
export interface Overlay {
  readonly target?: string;
  readonly user?: string;
  readonly command?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly Mount[];
  readonly health?: Health;
  readonly limits?: Limits;
}

export interface HardeningException {
  readonly control: "read-only" | "capability";
  readonly value: string;
  readonly why: string;
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
