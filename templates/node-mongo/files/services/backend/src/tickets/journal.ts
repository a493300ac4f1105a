import type { ClientSession, Collection, Db, Filter } from "mongodb";

import { isDuplicate, type Mongo } from "../mongo/client.ts";
import type { Ticket, TicketEvent } from "./ticket.ts";

/**
 * A ticket and its history are two collections, and say the same at any time.
 *
 * On a replica set both are written in one transaction. A server without transactions gets the same two writes one
 * after the other: the event first, with all that is to be done to the ticket; then the ticket; then the event is settled. The
 * event's id holds the version, and ids are unique, so of two that change the same version one is refused, whatever
 * the server does about the rest. Who dies in between leaves an event that says what is missing: `settle` does it,
 * as often as it is asked.
 */
export interface Entry extends TicketEvent {
  readonly settled: boolean;
  readonly write?: Write;
}

/** To a new ticket, or to one that is still at this version. */
export type Write = { readonly insert: Ticket } | { readonly set: Partial<Ticket>; readonly ifVersion: number };

class Stale extends Error {}

export const tickets = (db: Db): Collection<Ticket> => db.collection<Ticket>("tickets");
export const events = (db: Db): Collection<Entry> => db.collection<Entry>("ticket_events");

/** False when somebody else has written this version, or the ticket is at another one. */
export async function commit(mongo: Mongo, event: TicketEvent, write: Write): Promise<boolean> {
  try {
    if (mongo.transactional) await inOneTransaction(mongo, event, write);
    else await oneAfterTheOther(mongo, event, write);
    return true;
  } catch (error) {
    if (error instanceof Stale) return false;
    if (!isDuplicate(error)) throw error;
    // Written by somebody who may have died before the ticket followed: the caller's next look shall see it.
    if (!mongo.transactional) await settle(mongo, { ticketId: event.ticketId });
    return false;
  }
}

function inOneTransaction(mongo: Mongo, event: TicketEvent, write: Write): Promise<void> {
  return mongo.transaction(async (db, session) => {
    await events(db).insertOne({ ...event, settled: true }, { session });
    if (!(await apply(db, event.ticketId, write, session))) throw new Stale();
  });
}

async function oneAfterTheOther(mongo: Mongo, event: TicketEvent, write: Write): Promise<void> {
  await mongo.run((db) => events(db).insertOne({ ...event, settled: false, write }));
  if (!(await mongo.run((db) => apply(db, event.ticketId, write)))) {
    await mongo.run((db) => events(db).deleteOne({ _id: event._id, settled: false }));
    throw new Stale();
  }
  await markSettled(mongo, event._id);
}

async function apply(db: Db, ticketId: string, write: Write, session?: ClientSession): Promise<boolean> {
  const within = session === undefined ? {} : { session };
  if ("set" in write) {
    const still = { _id: ticketId, version: write.ifVersion, deletedAt: null };
    const { matchedCount } = await tickets(db).updateOne(still, { $set: write.set }, within);
    return matchedCount === 1;
  }
  await tickets(db).insertOne(write.insert, within);
  return true;
}

const markSettled = (mongo: Mongo, id: string): Promise<unknown> =>
  mongo.run((db) => events(db).updateOne({ _id: id }, { $set: { settled: true }, $unset: { write: "" } }));

/** Does what unsettled events still ask for. Doing it again changes nothing: the filter or the id is taken by then. */
export async function settle(mongo: Mongo, which: Filter<Entry>): Promise<number> {
  const left = await mongo.run((db) => events(db).find({ ...which, settled: false }).sort({ at: 1 }).limit(100).toArray());
  for (const { _id, ticketId, write } of left) {
    if (write !== undefined) {
      await mongo.run((db) => apply(db, ticketId, write)).catch((error: unknown) => {
        if (!isDuplicate(error)) throw error;
      });
    }
    await markSettled(mongo, _id);
  }
  return left.length;
}
