export const STATES = ["open", "in_progress", "resolved", "closed"] as const;
export type State = (typeof STATES)[number];

export const PRIORITIES = ["low", "normal", "high"] as const;
export type Priority = (typeof PRIORITIES)[number];

export type TriageState = "pending" | "running" | "done" | "failed";

/** What the worker found out about one version of a ticket. */
export interface Triage {
  readonly state: TriageState;
  readonly version: number;
  readonly attempts: number;
  /** When it last went to the queue or to a worker: what stays here too long is stuck. */
  readonly touchedAt: Date;
  readonly finishedAt: Date | null;
  readonly labels: readonly string[];
  readonly urgency: Priority | null;
  readonly wordCount: number | null;
  readonly bodySha256: string | null;
  readonly error: string;
}

export interface Ticket {
  readonly _id: string;
  readonly ownerId: string;
  readonly title: string;
  readonly body: string;
  readonly state: State;
  readonly priority: Priority;
  readonly words: readonly string[];
  readonly version: number;
  readonly triage: Triage;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
}

/** What a list shows: the text, and the words that it is found by, stay where they are. */
export type TicketSummary = Omit<Ticket, "body" | "words">;
export type StuckTriage = Pick<Ticket, "_id" | "version" | "triage">;

export interface Change {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** One line of a ticket's history, written with what it tells of: both or neither. */
export interface TicketEvent {
  readonly _id: string;
  readonly ticketId: string;
  readonly version: number;
  readonly kind: "created" | "changed" | "deleted" | "triaged";
  readonly actorId: string | null;
  readonly requestId: string | null;
  readonly at: Date;
  /** Of this very attempt to write it: says whether an event that is there already is one's own. */
  readonly writeId: string;
  readonly changes: readonly Change[];
}

export interface TicketQuery {
  /** Null: everybody's. */
  readonly ownerId: string | null;
  readonly state: State | null;
  /** Each of them begins a word of the ticket. */
  readonly words: readonly string[];
  readonly after: string | null;
  readonly limit: number;
}

/** Where tickets are kept. Two of them stand: MongoDB's, and one in memory for tests; both pass tests/contract. */
export interface Tickets {
  create(ticket: Ticket, event: TicketEvent): Promise<void>;
  find(id: string): Promise<Ticket | null>;
  list(query: TicketQuery): Promise<readonly TicketSummary[]>;
  /** The newest lines, the oldest of them first: by version, since the clocks of two copies differ. */
  history(ticketId: string, limit: number): Promise<readonly TicketEvent[]>;
  /** Writes `set` and the event together if the ticket is still at the version before event.version. */
  change(event: TicketEvent, set: Partial<Ticket>): Promise<boolean>;
  /** The ticket, if its triage for this version is still to be done; from then on it is running. */
  claimTriage(id: string, version: number, now: Date): Promise<Ticket | null>;
  /** Writes the result and its event together, once, unless the ticket has moved on. */
  finishTriage(event: TicketEvent, triage: Triage): Promise<boolean>;
  /** Triages that are to be sent again, as they stand. */
  stuckTriages(before: Date, limit: number): Promise<readonly StuckTriage[]>;
  touchTriage(id: string, version: number, set: Pick<Triage, "state" | "touchedAt" | "error" | "finishedAt">): Promise<void>;
  /** Removes what was deleted before then, with its history; how many there were. */
  purge(before: Date, limit: number): Promise<number>;
}
