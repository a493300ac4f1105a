import { type Static, Type } from "typebox";

import { PRIORITIES, STATES, type Ticket, type TicketEvent, type TicketSummary as Summary } from "./ticket.ts";

const Title = Type.String({ minLength: 1, maxLength: 200, pattern: String.raw`\S` });
const Body = Type.String({ minLength: 1, maxLength: 20_000, pattern: String.raw`\S` });
const PriorityName = Type.Enum(PRIORITIES);
export const StateName = Type.Enum(STATES);
const Maybe = <Schema extends Parameters<typeof Type.Array>[0]>(schema: Schema) => Type.Union([schema, Type.Null()]);

export const NewTicket = Type.Object(
  { title: Title, body: Body, priority: Type.Optional(PriorityName) },
  { additionalProperties: false },
);

export const TicketPatch = Type.Object(
  {
    title: Type.Optional(Title),
    body: Type.Optional(Body),
    priority: Type.Optional(PriorityName),
    state: Type.Optional(StateName),
  },
  { additionalProperties: false, minProperties: 1 },
);

const TriageView = Type.Object({
  state: Type.String(),
  version: Type.Integer(),
  attempts: Type.Integer(),
  labels: Type.Array(Type.String()),
  urgency: Maybe(Type.String()),
  word_count: Maybe(Type.Integer()),
  body_sha256: Maybe(Type.String()),
  finished_at: Maybe(Type.String()),
  error: Type.String(),
});

export const TicketSummary = Type.Object({
  id: Type.String(),
  owner_id: Type.String(),
  title: Type.String(),
  state: StateName,
  priority: PriorityName,
  version: Type.Integer(),
  created_at: Type.String(),
  updated_at: Type.String(),
  triage: TriageView,
});

export const TicketView = Type.Object({ ...TicketSummary.properties, body: Type.String() });

export const EventView = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  kind: Type.String(),
  actor_id: Maybe(Type.String()),
  at: Type.String(),
  changes: Type.Array(Type.Object({ field: Type.String(), from: Type.Unknown(), to: Type.Unknown() })),
});

export function summarise(ticket: Summary): Static<typeof TicketSummary> {
  const { triage } = ticket;
  return {
    id: ticket._id,
    owner_id: ticket.ownerId,
    title: ticket.title,
    state: ticket.state,
    priority: ticket.priority,
    version: ticket.version,
    created_at: ticket.createdAt.toISOString(),
    updated_at: ticket.updatedAt.toISOString(),
    triage: {
      state: triage.state,
      version: triage.version,
      attempts: triage.attempts,
      labels: [...triage.labels],
      urgency: triage.urgency,
      word_count: triage.wordCount,
      body_sha256: triage.bodySha256,
      finished_at: triage.finishedAt?.toISOString() ?? null,
      error: triage.error,
    },
  };
}

export const view = (ticket: Ticket): Static<typeof TicketView> => ({ ...summarise(ticket), body: ticket.body });

export const viewEvent = (event: TicketEvent): Static<typeof EventView> => ({
  id: event._id,
  version: event.version,
  kind: event.kind,
  actor_id: event.actorId,
  at: event.at.toISOString(),
  changes: event.changes.map(({ field, from, to }) => ({ field, from, to })),
});
