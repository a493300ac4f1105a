import type { User } from "./shared-types";

export const STATES = ["open", "in_progress", "resolved", "closed"] as const;
export type TicketState = (typeof STATES)[number];

export const PRIORITIES = ["low", "normal", "high"] as const;
export type Priority = (typeof PRIORITIES)[number];

export type TriageState = "pending" | "running" | "done" | "failed";

/** What the worker found in the text; null, or empty, until the state is "done". */
export type Triage = {
  readonly state: TriageState;
  readonly labels: readonly string[];
  readonly urgency: Priority | null;
  readonly word_count: number | null;
  readonly body_sha256: string | null;
  readonly error: string;
};

/** What a list says of a ticket: all but its text. */
export type TicketSummary = {
  readonly id: string;
  readonly owner_id: string;
  readonly title: string;
  readonly state: TicketState;
  readonly priority: Priority;
  /** Grows with every change; a change must name the version it was made from. */
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly triage: Triage;
};

export type Ticket = TicketSummary & { readonly body: string };

export type TicketDraft = Pick<Ticket, "title" | "body" | "priority">;

export type TicketEvent = {
  readonly id: string;
  readonly version: number;
  readonly kind: "created" | "changed" | "deleted" | "triaged";
  readonly at: string;
  readonly changes: readonly { readonly field: string; readonly from: unknown; readonly to: unknown }[];
};

export type Account = User & {
  readonly id: string;
  readonly role: "user" | "admin";
  readonly active: boolean;
  readonly version: number;
  readonly created_at: string;
};

/** A page of a list that only knows its next one: what is added meanwhile moves nothing. */
export type CursorPage<Item> = {
  readonly results: readonly Item[];
  readonly next: string | null;
};
