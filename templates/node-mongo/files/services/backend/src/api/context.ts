import type { User, Users } from "../accounts/user.ts";
import type { Settings } from "../config/settings.ts";
import type { Logger } from "../ops/log.ts";
import type { Metrics } from "../ops/metrics.ts";
import type { RateCounter, Usage } from "../redis/rate-counter.ts";
import type { Session, Sessions } from "../redis/sessions.ts";
import type { Tickets } from "../tickets/ticket.ts";
import type { TriageQueue } from "../tickets/triage-jobs.ts";
import type { Checks } from "./health.ts";

/** All that the API talks to. Tests hand in their own. */
export interface Services {
  readonly settings: Pick<Settings, "version" | "https" | "proxies" | "rates" | "sessionSeconds">;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly users: Users;
  readonly tickets: Tickets;
  readonly sessions: Sessions;
  readonly rates: RateCounter;
  readonly queue: TriageQueue;
  readonly checks: Checks;
}

export interface SignedIn {
  readonly user: User;
  readonly session: Session;
  readonly token: string;
}

/** Who may call a route, and against which budget. */
export interface RouteRules {
  readonly access: "public" | "user" | "admin";
  readonly limit: "api" | "auth" | "none";
}

declare module "fastify" {
  interface FastifyRequest {
    signedIn: SignedIn | null;
    usage: Usage | null;
    startedAt: number;
  }
  interface FastifyContextConfig {
    rules?: RouteRules;
  }
}
