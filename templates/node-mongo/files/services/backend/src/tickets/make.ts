import { randomUUID } from "node:crypto";

import { ObjectId } from "mongodb";

import type { Change, Priority, Ticket, TicketEvent, Triage } from "./ticket.ts";
import { wordsOf } from "./words.ts";

export const newId = (): string => new ObjectId().toHexString();

export const pendingTriage = (version: number, now: Date): Triage => ({
  state: "pending",
  version,
  attempts: 0,
  touchedAt: now,
  finishedAt: null,
  labels: [],
  urgency: null,
  wordCount: null,
  bodySha256: null,
  error: "",
});

export interface Actor {
  readonly id: string;
  readonly requestId: string | null;
}

export interface Draft {
  readonly title: string;
  readonly body: string;
  readonly priority: Priority;
}

export function newTicket(draft: Draft, actor: Actor, now: Date): { readonly ticket: Ticket; readonly event: TicketEvent } {
  const ticket: Ticket = {
    _id: newId(),
    ownerId: actor.id,
    ...draft,
    state: "open",
    words: wordsOf(`${draft.title} ${draft.body}`),
    version: 1,
    triage: pendingTriage(1, now),
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  };
  return { ticket, event: eventOf("created", ticket._id, 1, actor, now, []) };
}

export type Patch = Partial<Pick<Ticket, "title" | "body" | "state" | "priority">>;

/** What a patch changes; null when it changes nothing. */
export function changeTicket(
  ticket: Ticket,
  patch: Patch,
  actor: Actor,
  now: Date,
): { readonly set: Partial<Ticket>; readonly event: TicketEvent } | null {
  const fields = (["title", "body", "state", "priority"] as const).filter(
    (field) => patch[field] !== undefined && patch[field] !== ticket[field],
  );
  if (fields.length === 0) return null;
  const version = ticket.version + 1;
  // A text is in the ticket; its history says that it changed, and does not keep each one.
  const changes = fields.map(
    (field): Change => (field === "body" ? { field, from: null, to: null } : { field, from: ticket[field], to: patch[field] }),
  );
  const reads = fields.some((field) => field === "title" || field === "body");
  const set: Partial<Ticket> = {
    ...Object.fromEntries(fields.map((field) => [field, patch[field]])),
    ...(reads ? { words: wordsOf(`${patch.title ?? ticket.title} ${patch.body ?? ticket.body}`) } : {}),
    // What was found out about a text holds as long as the text does.
    triage: reads || ticket.triage.state !== "done" ? pendingTriage(version, now) : { ...ticket.triage, version },
    updatedAt: now,
  };
  return { set, event: eventOf("changed", ticket._id, version, actor, now, changes) };
}

export function deleteTicket(ticket: Ticket, actor: Actor, now: Date): { readonly set: Partial<Ticket>; readonly event: TicketEvent } {
  return { set: { deletedAt: now, updatedAt: now }, event: eventOf("deleted", ticket._id, ticket.version + 1, actor, now, []) };
}

export function triageEvent(ticket: Ticket, requestId: string | null, now: Date): TicketEvent {
  const { _id, version } = ticket;
  return { ...eventOf("triaged", _id, version, { id: "", requestId }, now, []), _id: `${_id}:${version}:triage`, actorId: null };
}

function eventOf(
  kind: TicketEvent["kind"],
  ticketId: string,
  version: number,
  actor: Actor,
  at: Date,
  changes: readonly Change[],
): TicketEvent {
  return {
    _id: `${ticketId}:${version}`,
    ticketId,
    version,
    kind,
    actorId: actor.id,
    requestId: actor.requestId,
    at,
    writeId: randomUUID(),
    changes,
  };
}
