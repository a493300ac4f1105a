import { timingSafeEqual } from "node:crypto";

import type { FastifyReply, FastifyRequest } from "fastify";

import { clientAddress, networkOf } from "../ops/client-address.ts";
import type { Services } from "./context.ts";
import { cookieNames } from "./cookies.ts";
import { administratorsOnly, Problem } from "./problems.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);
const PUBLIC = { access: "public", limit: "api" } as const;

/** Who is it, has he any calls left, does the call come from our own page, may he: in this order, for each call. */
export function makeGuard(services: Services) {
  const { settings, users, sessions, rates } = services;
  const names = cookieNames(settings.https);

  async function signedIn(request: FastifyRequest): Promise<void> {
    const token = request.cookies[names.session];
    if (token === undefined) return;
    const session = await sessions.find(token);
    if (session === null) return;
    // Asked each time: whoever is barred, or has changed his password elsewhere, is out at once.
    const user = await users.byId(session.userId);
    if (user === null || !user.active || user.sessionEpoch !== session.epoch) return;
    request.signedIn = { user, session, token };
  }

  async function count(request: FastifyRequest, scope: "api" | "auth" | "search"): Promise<void> {
    const address = clientAddress(request.socket.remoteAddress ?? "", header(request, "x-forwarded-for"), settings.proxies);
    // Per verified user, else per address. Never by a header that a client may write.
    const client = scope !== "auth" && request.signedIn !== null ? `user:${request.signedIn.user._id}` : `ip:${networkOf(address)}`;
    const usage = await rates.count(scope, client, settings.rates[scope]);
    if (usage === null) return;
    request.usage = usage;
    if (usage.used > usage.limit)
      throw new Problem(429, "rate_limited", `Too many requests. Try again in ${usage.resetSeconds} s.`, {
        headers: { "retry-after": String(usage.resetSeconds) },
      });
  }

  function fromOurPage(request: FastifyRequest): void {
    if (SAFE.has(request.method)) return;
    const origin = header(request, "origin");
    if (origin !== undefined && hostOf(origin) !== request.hostname)
      throw new Problem(403, "csrf_failed", `A page of ${origin} may not do this.`);
    const expected = request.signedIn?.session.csrf ?? request.cookies[names.csrf];
    if (expected === undefined || !same(expected, header(request, "x-csrftoken") ?? ""))
      throw new Problem(403, "csrf_failed", "The CSRF token is missing or wrong: GET /api/v1/auth/csrf/ gives one.");
  }

  return async function guard(request: FastifyRequest, _reply: FastifyReply): Promise<void> {
    const rules = request.routeOptions.config.rules ?? PUBLIC;
    if (rules.limit === "none") return;
    await signedIn(request);
    await count(request, rules.limit);
    const { search } = request.query as { search?: string };
    if (search !== undefined && search !== "") await count(request, "search");
    fromOurPage(request);
    if (rules.access === "public") return;
    if (request.signedIn === null)
      throw new Problem(401, "not_authenticated", "Sign in first.", { headers: { "www-authenticate": "Session" } });
    if (rules.access === "admin" && request.signedIn.user.role !== "admin")
      throw administratorsOnly();
  };
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}

/** "null", as a browser says of a page without an origin, is no host. */
const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).hostname : null);

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
