import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";

import { signedIn } from "../accounts/auth-routes.ts";
import type { Services } from "../api/context.ts";
import { PageQuery, pageOf } from "../api/pages.ts";
import { etag, expectedVersion, stale } from "../api/preconditions.ts";
import { notFound, Problem } from "../api/problems.ts";
import { currentRequestId } from "../ops/request-context.ts";
import { type Actor, changeTicket, deleteTicket, newTicket } from "./make.ts";
import { EventView, NewTicket, StateName, summarise, TicketPatch, TicketSummary, TicketView, view, viewEvent } from "./schemas.ts";
import type { Ticket } from "./ticket.ts";
import { requestTriage } from "./triage-jobs.ts";
import { searchWords } from "./words.ts";

const own = { rules: { access: "user", limit: "api" } } as const;
const Id = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{24}$" }) });
const Query = Type.Object(
  { ...PageQuery.properties, state: Type.Optional(StateName), all: Type.Optional(Type.Literal("true")) },
  { additionalProperties: false },
);
const Page = Type.Object({ results: Type.Array(TicketSummary), next: Type.Union([Type.String(), Type.Null()]) });
const History = Type.Object({ results: Type.Array(EventView) });
const HISTORY_LENGTH = 200;
const DELETE_ATTEMPTS = 3;

export function ticketRoutes({ tickets, queue, log }: Services): FastifyPluginAsyncTypebox {
  const actor = (request: FastifyRequest): Actor => ({ id: signedIn(request).user._id, requestId: currentRequestId() });

  /** Somebody else's ticket is not forbidden but absent: its id tells nothing. Administrators see all. */
  async function visible(request: FastifyRequest, id: string): Promise<Ticket> {
    const { user } = signedIn(request);
    const ticket = await tickets.find(id);
    if (ticket === null || (ticket.ownerId !== user._id && user.role !== "admin")) throw notFound();
    return ticket;
  }

  const triage = async ({ _id, version }: { readonly _id: string; readonly version: number }): Promise<void> => {
    await requestTriage(queue, { ticketId: _id, version, requestId: currentRequestId() }, log);
  };

  return async (app) => {
    app.get("/", { config: own, schema: { querystring: Query, response: { 200: Page } } }, async (request) => {
      const { query } = request;
      const { user } = signedIn(request);
      if (query.all !== undefined && user.role !== "admin")
        throw new Problem(403, "permission_denied", "Only an administrator sees everybody's tickets.");
      const words = searchWords(query.search ?? "");
      // Nothing but punctuation is found nowhere, rather than everywhere.
      if (query.search !== undefined && query.search.trim() !== "" && words.length === 0) return { results: [], next: null };
      return pageOf(
        query,
        (page) => tickets.list({ ...page, words, state: query.state ?? null, ownerId: query.all === undefined ? user._id : null }),
        summarise,
      );
    });

    app.post("/", { config: own, schema: { body: NewTicket, response: { 201: TicketView } } }, async (request, reply) => {
      const { title, body, priority = "normal" } = request.body;
      const { ticket, event } = newTicket({ title: title.trim(), body, priority }, actor(request), new Date());
      await tickets.create(ticket, event);
      await triage(ticket);
      return reply.code(201).header("etag", etag(1)).header("location", `/api/v1/tickets/${ticket._id}/`).send(view(ticket));
    });

    app.get("/:id", { config: own, schema: { params: Id, response: { 200: TicketView } } }, async (request, reply) => {
      const ticket = await visible(request, request.params.id);
      return reply.header("etag", etag(ticket.version)).header("cache-control", "private, no-cache").send(view(ticket));
    });

    app.patch("/:id", { config: own, schema: { params: Id, body: TicketPatch, response: { 200: TicketView } } }, async (request, reply) => {
      const { id } = request.params;
      const expected = expectedVersion(request);
      const ticket = await visible(request, id);
      if (ticket.version !== expected) throw stale(expected, ticket.version);
      const change = changeTicket(ticket, request.body, actor(request), new Date());
      if (change !== null) {
        if (!(await tickets.change(change.event, change.set))) throw stale(expected, (await tickets.find(id))?.version);
        if (change.set.triage?.state === "pending") await triage({ _id: id, version: change.event.version });
      }
      const changed = change === null ? ticket : { ...ticket, ...change.set, version: change.event.version };
      return reply.header("etag", etag(changed.version)).send(view(changed));
    });

    app.delete("/:id", { config: own, schema: { params: Id } }, async (request, reply) => {
      // Without If-Match whatever stands there goes; with it, what was read.
      const expected = request.headers["if-match"] === undefined ? null : expectedVersion(request);
      for (let attempt = 1; ; attempt++) {
        const ticket = await visible(request, request.params.id);
        const { event, set } = deleteTicket(ticket, actor(request), new Date());
        if (expected !== null && ticket.version !== expected) throw stale(expected, ticket.version);
        if (await tickets.change(event, set)) return reply.code(204).send();
        if (attempt === DELETE_ATTEMPTS) throw stale(ticket.version, (await tickets.find(ticket._id))?.version);
      }
    });

    app.get("/:id/events", { config: own, schema: { params: Id, response: { 200: History } } }, async (request) => {
      const { _id } = await visible(request, request.params.id);
      return { results: (await tickets.history(_id, HISTORY_LENGTH)).map(viewEvent) };
    });
  };
}
