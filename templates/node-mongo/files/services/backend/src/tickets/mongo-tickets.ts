import type { Filter } from "mongodb";

import type { Mongo } from "../mongo/client.ts";
import { commit, events, tickets } from "./journal.ts";
import type { StuckTriage, Ticket, TicketQuery, Tickets, TicketSummary, Triage } from "./ticket.ts";

const UNFINISHED = ["pending", "running"] as const;

function filterOf({ ownerId, state, words, after }: TicketQuery): Filter<Ticket> {
  return {
    deletedAt: null,
    ...(ownerId === null ? {} : { ownerId }),
    ...(state === null ? {} : { state }),
    ...(after === null ? {} : { _id: { $lt: after } }),
    // Anchored and in the case that is stored: an index can answer it.
    ...(words.length === 0 ? {} : { $and: words.map((word) => ({ words: { $regex: `^${word}` } })) }),
  };
}

export function mongoTickets(mongo: Mongo): Tickets {
  return {
    async create(ticket, event) {
      if (!(await commit(mongo, event, { insert: ticket }))) throw new Error(`there is another ticket ${ticket._id}`);
    },
    async find(id) {
      const ticket = await mongo.run((db) => tickets(db).findOne({ _id: id }));
      return ticket === null || ticket.deletedAt !== null ? null : ticket;
    },
    list: (query) =>
      mongo.run((db) => tickets(db).find(filterOf(query)).sort({ _id: -1 }).limit(query.limit).project<TicketSummary>({ body: 0, words: 0 }).toArray()),
    history: async (ticketId, limit) =>
      (await mongo.run((db) => events(db).find({ ticketId }).sort({ version: -1, _id: -1 }).limit(limit).toArray())).toReversed(),
    change: (event, set) =>
      commit(mongo, event, { set: { ...set, version: event.version }, ifVersion: event.version - 1 }),
    claimTriage: (id, version, now) =>
      mongo.transaction(async (db, session) => {
        const ticket = await tickets(db).findOne({ _id: id }, { session });
        if (ticket === null || ticket.deletedAt !== null || ticket.version !== version) return null;
        // Running as well: a job that comes again means that the first worker died.
        if (!UNFINISHED.some((state) => state === ticket.triage.state)) return null;
        const triage: Triage = { ...ticket.triage, state: "running", touchedAt: now, attempts: ticket.triage.attempts + 1 };
        await tickets(db).updateOne({ _id: id }, { $set: { triage } }, { session });
        return { ...ticket, triage };
      }),
    finishTriage: (event, triage) => commit(mongo, event, { set: { triage }, ifVersion: event.version }),
    stuckTriages: (before, limit) =>
      mongo.run((db) =>
        tickets(db)
          .find({ "triage.state": { $in: [...UNFINISHED] }, "triage.touchedAt": { $lt: before }, deletedAt: null })
          .sort({ "triage.touchedAt": 1 })
          .limit(limit)
          .project<StuckTriage>({ version: 1, triage: 1 })
          .toArray(),
      ),
    async touchTriage(id, version, set) {
      const fields = Object.fromEntries(Object.entries(set).map(([name, value]) => [`triage.${name}`, value]));
      await mongo.run((db) =>
        tickets(db).updateOne({ _id: id, "triage.version": version, "triage.state": { $in: [...UNFINISHED] } }, { $set: fields }),
      );
    },
    async purge(before, limit) {
      const gone = await mongo.run((db) => tickets(db).find({ deletedAt: { $lt: before } }).limit(limit).project({ _id: 1 }).toArray());
      for (const { _id } of gone) {
        // The history first: cut off in between, the ticket is still there to be found again.
        await mongo.run((db) => events(db).deleteMany({ ticketId: String(_id) }));
        await mongo.run((db) => tickets(db).deleteOne({ _id: String(_id) }));
      }
      return gone.length;
    },
  };
}
