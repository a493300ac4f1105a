/** What a plan says of one service. Part of `plan.ts`, which is what others import. */

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
