import type { Ticket, TicketEvent, Tickets } from "../../src/tickets/ticket.ts";

/** Tickets in memory. Passes the same contract as MongoDB's. */
export function memoryTickets(): Tickets {
  const tickets = new Map<string, Ticket>();
  const events = new Map<string, TicketEvent>();

  const alive = (id: string): Ticket | null => {
    const ticket = tickets.get(id);
    return ticket === undefined || ticket.deletedAt !== null ? null : ticket;
  };
  const unfinished = ({ triage }: Ticket): boolean => triage.state === "pending" || triage.state === "running";
  function commit(event: TicketEvent, version: number, set: Partial<Ticket>): boolean {
    const ticket = alive(event.ticketId);
    if (events.has(event._id)) return events.get(event._id)?.writeId === event.writeId;
    if (ticket?.version !== version) return false;
    events.set(event._id, structuredClone(event));
    tickets.set(ticket._id, { ...ticket, ...structuredClone(set) });
    return true;
  }

  return {
    async create(ticket, event) {
      if (tickets.has(ticket._id)) throw new Error(`there is another ticket ${ticket._id}`);
      tickets.set(ticket._id, structuredClone(ticket));
      events.set(event._id, structuredClone(event));
    },
    find: async (id) => structuredClone(alive(id)),
    list: async ({ ownerId, state, words, after, limit }) =>
      [...tickets.values()]
        .filter((ticket) => ticket.deletedAt === null)
        .filter((ticket) => ownerId === null || ticket.ownerId === ownerId)
        .filter((ticket) => state === null || ticket.state === state)
        .filter((ticket) => after === null || ticket._id < after)
        .filter((ticket) => words.every((word) => ticket.words.some((one) => one.startsWith(word))))
        .toSorted((a, b) => (a._id < b._id ? 1 : -1))
        .slice(0, limit)
        .map(({ body: _body, words: _words, ...summary }) => structuredClone(summary)),
    history: async (ticketId, limit) =>
      [...events.values()]
        .filter((event) => event.ticketId === ticketId)
        .toSorted((a, b) => a.version - b.version || (a._id < b._id ? -1 : 1))
        .slice(-limit),
    change: async (event, set) => commit(event, event.version - 1, { ...set, version: event.version }),
    async claimTriage(id, version, now) {
      const ticket = alive(id);
      if (ticket === null || ticket.version !== version || ticket.triage.version !== version || !unfinished(ticket)) return null;
      const claimed = { ...ticket, triage: { ...ticket.triage, state: "running", touchedAt: now, attempts: ticket.triage.attempts + 1 } as const };
      tickets.set(id, claimed);
      return structuredClone(claimed);
    },
    finishTriage: async (event, triage) => commit(event, event.version, { triage }),
    stuckTriages: async (before, limit) =>
      [...tickets.values()]
        .filter((ticket) => ticket.deletedAt === null && unfinished(ticket) && ticket.triage.touchedAt < before)
        .toSorted((a, b) => a.triage.touchedAt.getTime() - b.triage.touchedAt.getTime())
        .slice(0, limit)
        .map(({ _id, version, triage }) => ({ _id, version, triage })),
    async touchTriage(id, version, set) {
      const ticket = tickets.get(id);
      if (ticket === undefined || ticket.triage.version !== version || !unfinished(ticket)) return;
      tickets.set(id, { ...ticket, triage: { ...ticket.triage, ...set } });
    },
    async purge(before, limit) {
      const gone = [...tickets.values()].filter(({ deletedAt }) => deletedAt !== null && deletedAt < before).slice(0, limit);
      for (const { _id } of gone) {
        for (const event of [...events.values()].filter(({ ticketId }) => ticketId === _id)) events.delete(event._id);
        tickets.delete(_id);
      }
      return gone.length;
    },
  };
}
