import cookie from "@fastify/cookie";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { LogController } from "fastify";

import { adminRoutes } from "../accounts/admin-routes.ts";
import { authRoutes } from "../accounts/auth-routes.ts";
import { acceptOrMake, REQUEST_ID_HEADER, withRequestId } from "../ops/request-context.ts";
import { ticketRoutes } from "../tickets/routes.ts";
import type { Services } from "./context.ts";
import { makeGuard } from "./guard.ts";
import { collectHealth } from "./health.ts";
import { handleError, notFound, sendProblem } from "./problems.ts";

const BODY_BYTES = 128 * 1024;
const HEALTH = "/api/v1/health/";

export type App = ReturnType<typeof makeApp>;

export function makeApp(services: Services) {
  const { settings, log, metrics } = services;
  const app = Fastify({
    loggerInstance: log,
    // One line a request, written below.
    logController: new LogController({ disableRequestLogging: true }),
    // Every line has the request id already.
    childLoggerFactory: (logger) => logger,
    bodyLimit: BODY_BYTES,
    genReqId: (request) => acceptOrMake(request.headers[REQUEST_ID_HEADER]),
    routerOptions: { ignoreTrailingSlash: true },
    // A name that is not known is refused, and a number is a number.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
    // While it stops, what comes in on open connections is still answered.
    return503OnClosing: false,
  }).withTypeProvider<TypeBoxTypeProvider>();
  let stopping = false;

  app.decorateRequest("signedIn", null);
  app.decorateRequest("usage", null);
  app.decorateRequest("startedAt", 0);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, notFound()));
  void app.register(cookie);
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body: string, done) => {
    // Many clients name the type of whatever they send, of nothing as well. A route that needs a body refuses none by its schema.
    if (body === "") done(null);
    else parse(request, body, done);
  });

  app.addHook("onRequest", (request, reply, done) => {
    request.startedAt = performance.now();
    reply.header(REQUEST_ID_HEADER, request.id);
    if (stopping) reply.header("connection", "close");
    withRequestId(request.id, done);
  });
  // The body arrived in events of its own, which know nothing of the context above.
  app.addHook("preValidation", (request, _reply, done) => withRequestId(request.id, done));
  app.addHook("onSend", async (request, reply) => {
    const { usage } = request;
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    if (usage === null) return;
    reply.header("x-ratelimit-limit", String(usage.limit));
    reply.header("x-ratelimit-remaining", String(Math.max(0, usage.limit - usage.used)));
    reply.header("x-ratelimit-reset", String(usage.resetSeconds));
  });
  app.addHook("onResponse", (request, reply, done) => {
    const milliseconds = performance.now() - request.startedAt;
    const path = request.url.split("?")[0] ?? "";
    const status = reply.statusCode;
    metrics.observe({ method: request.method, route: request.routeOptions.url ?? "none", status, seconds: milliseconds / 1000 });
    // A passing probe every few seconds says nothing; a failing one is worth its line.
    const quiet = path.startsWith(HEALTH.slice(0, -1)) && status < 400;
    log[quiet ? "debug" : "info"](
      {
        request_id: request.id,
        duration_ms: Math.round(milliseconds * 10) / 10,
        method: request.method,
        // Never the query: searches do not belong in logs.
        path,
        status,
        user_id: request.signedIn?.user._id ?? null,
      },
      `${request.method} ${path} ${status}`,
    );
    done();
  });

  void app.register(async (api) => {
    api.addHook("onRequest", makeGuard(services));
    api.get("/health", { config: { rules: { access: "public", limit: "none" } } }, async (_request, reply) => {
      const { healthy, body } = await collectHealth(services.checks, settings.version, log);
      return reply.code(healthy ? 200 : 503).type("application/json").send(body);
    });
    api.get("/health/live", { config: { rules: { access: "public", limit: "none" } } }, async () => ({
      status: "alive",
      version: settings.version,
    }));
    await api.register(authRoutes(services), { prefix: "/auth" });
    await api.register(ticketRoutes(services), { prefix: "/tickets" });
    await api.register(adminRoutes(services), { prefix: "/admin" });
  }, { prefix: "/api/v1" });

  return Object.assign(app, { stopSoon: () => (stopping = true) });
}
