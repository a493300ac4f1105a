import type { ClientSession, Collection, Db } from "mongodb";

import { isDuplicate, type Mongo } from "../mongo/client.ts";
import type { Ticket, TicketEvent } from "./ticket.ts";

/**
 * A ticket and its history are two collections, and say the same at any time: both are written in one transaction.
 *
 * The event's id holds the version that it makes, and ids are unique. So of two that change the same version one is refused,
 * and what was sent twice is written once.
 */
export type Write = { readonly insert: Ticket } | { readonly set: Partial<Ticket>; readonly ifVersion: number };

class Stale extends Error {}

export const tickets = (db: Db): Collection<Ticket> => db.collection<Ticket>("tickets");
export const events = (db: Db): Collection<TicketEvent> => db.collection<TicketEvent>("ticket_events");

/** False when somebody else has written this version, or the ticket is not at the one that was changed. */
export async function commit(mongo: Mongo, event: TicketEvent, write: Write): Promise<boolean> {
  try {
    await mongo.transaction(async (db, session) => {
      await events(db).insertOne(event, { session });
      if (!(await apply(db, event.ticketId, write, session))) throw new Stale();
    });
    return true;
  } catch (error) {
    if (error instanceof Stale) return false;
    if (!isDuplicate(error)) throw error;
    // A primary that went away after it had written, before it could say so: the driver has asked a second time.
    const written = await mongo.run((db) => events(db).findOne({ _id: event._id }));
    return written?.writeId === event.writeId;
  }
}

async function apply(db: Db, ticketId: string, write: Write, session: ClientSession): Promise<boolean> {
  if ("insert" in write) {
    await tickets(db).insertOne(write.insert, { session });
    return true;
  }
  // Whoever writes between these two makes the transaction fail, and then all of it is tried again.
  const ticket = await tickets(db).findOne({ _id: ticketId }, { session });
  if (ticket === null || ticket.deletedAt !== null || ticket.version !== write.ifVersion) return false;
  await tickets(db).updateOne({ _id: ticketId }, { $set: write.set }, { session });
  return true;
}
