import type { Document, IndexDescription } from "mongodb";

/** What the server itself refuses: the last line behind the API's own checks. */
export interface CollectionSchema {
  readonly name: string;
  readonly validator: Document;
  readonly indexes: readonly (IndexDescription & { readonly name: string })[];
}

const text = (maxLength: number, minLength = 0): Document => ({ bsonType: "string", minLength, maxLength });
const id: Document = { bsonType: "string", pattern: "^[0-9a-f]{24}$" };
const version: Document = { bsonType: ["int", "long"], minimum: 1 };
const date: Document = { bsonType: "date" };
const optionalDate: Document = { bsonType: ["date", "null"] };

const object = (properties: Document): Document => ({
  bsonType: "object",
  required: Object.keys(properties),
  additionalProperties: false,
  properties,
});

const triage = object({
  state: { enum: ["pending", "running", "done", "failed"] },
  version,
  attempts: { bsonType: ["int", "long"], minimum: 0 },
  touchedAt: date,
  finishedAt: optionalDate,
  labels: { bsonType: "array", items: text(40) },
  urgency: { enum: ["low", "normal", "high", null] },
  wordCount: { bsonType: ["int", "long", "null"] },
  bodySha256: { bsonType: ["string", "null"] },
  error: text(200),
});

export const SCHEMA: readonly CollectionSchema[] = [
  {
    name: "users",
    validator: object({
      _id: id,
      email: text(254, 3),
      displayName: text(80),
      passwordHash: text(400, 20),
      role: { enum: ["user", "admin"] },
      active: { bsonType: "bool" },
      version,
      // Sessions that were opened before it grew are over.
      sessionEpoch: { bsonType: ["int", "long"], minimum: 0 },
      createdAt: date,
      updatedAt: date,
    }),
    indexes: [{ key: { email: 1 }, name: "email", unique: true }],
  },
  {
    name: "tickets",
    validator: object({
      _id: id,
      ownerId: id,
      title: text(200, 1),
      body: text(20_000, 1),
      state: { enum: ["open", "in_progress", "resolved", "closed"] },
      priority: { enum: ["low", "normal", "high"] },
      // The words of title and body as they are searched for: see tickets/words.ts.
      words: { bsonType: "array", maxItems: 500, items: text(40, 1) },
      version,
      triage,
      createdAt: date,
      updatedAt: date,
      deletedAt: optionalDate,
    }),
    indexes: [
      // An id grows with time, so it is the order of the pages as well.
      { key: { ownerId: 1, _id: -1 }, name: "owner" },
      { key: { ownerId: 1, words: 1 }, name: "owner_words" },
      { key: { words: 1 }, name: "words" },
      { key: { state: 1, _id: -1 }, name: "state" },
      { key: { "triage.state": 1, "triage.touchedAt": 1 }, name: "triage" },
      { key: { deletedAt: 1 }, name: "deleted" },
    ],
  },
  {
    name: "ticket_events",
    validator: object({
      // <ticket>:<version>, or <ticket>:<version>:triage. Unique, so a version is written once.
      _id: { bsonType: "string", pattern: "^[0-9a-f]{24}:[0-9]+(:triage)?$" },
      ticketId: id,
      version,
      kind: { enum: ["created", "changed", "deleted", "triaged"] },
      actorId: { bsonType: ["string", "null"] },
      requestId: { bsonType: ["string", "null"] },
      at: date,
      writeId: text(36, 36),
      changes: { bsonType: "array", items: { bsonType: "object" } },
    }),
    indexes: [{ key: { ticketId: 1, version: -1, _id: -1 }, name: "ticket_version" }],
  },
];
