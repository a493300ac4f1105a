import { describe, expect, it } from "vitest";

import { changeTicket, deleteTicket, newId, newTicket, triageEvent } from "../../src/tickets/make.ts";
import type { Ticket, Tickets } from "../../src/tickets/ticket.ts";

const everything = { ownerId: null, state: null, words: [], after: null, limit: 50 } as const;
const soon = (): Date => new Date(Date.now() + 60_000);

/** What the application relies on, whatever tickets are kept in. */
export function ticketsContract(make: () => Promise<Tickets>): void {
  async function opened(title = "Broken login", body = "I cannot sign in."): Promise<{ tickets: Tickets; ticket: Ticket; ownerId: string }> {
    const tickets = await make();
    const ownerId = newId();
    const { ticket, event } = newTicket({ title, body, priority: "normal" }, { id: ownerId, requestId: "request-1" }, new Date());
    await tickets.create(ticket, event);
    return { tickets, ticket, ownerId };
  }
  const patched = (ticket: Ticket, title: string) => {
    const change = changeTicket(ticket, { title }, { id: ticket.ownerId, requestId: null }, new Date());
    if (change === null) throw new Error("nothing to change");
    return change;
  };

  it("keeps a ticket as it was given, and the first line of its history", async () => {
    const { tickets, ticket } = await opened();
    expect(await tickets.find(ticket._id)).toEqual(ticket);
    const history = await tickets.history(ticket._id, 10);
    expect(history.map(({ _id, kind }) => [_id, kind])).toEqual([[`${ticket._id}:1`, "created"]]);
  });

  it("finds by the beginnings of words, all of them, in any order and case", async () => {
    const { tickets, ticket, ownerId } = await opened("Übermäßige Last", "The graph shows 90 percent.");
    const found = async (...words: string[]) => (await tickets.list({ ...everything, ownerId, words })).map(({ _id }) => _id);
    expect(await found("last", "uber")).toEqual([ticket._id]);
    expect(await found("gra", "90")).toEqual([ticket._id]);
    expect(await found("raph")).toEqual([]);
    expect(await found("last", "night")).toEqual([]);
  });

  it("pages from the newest on, and sees only one's own when asked so", async () => {
    const tickets = await make();
    const ownerId = newId();
    const ids: string[] = [];
    for (let number = 0; number < 5; number++) {
      const { ticket, event } = newTicket({ title: `Number ${number}`, body: "Text.", priority: "low" }, { id: ownerId, requestId: null }, new Date());
      await tickets.create(ticket, event);
      ids.unshift(ticket._id);
    }
    const first = await tickets.list({ ...everything, ownerId, limit: 3 });
    expect(first.map(({ _id }) => _id)).toEqual(ids.slice(0, 3));
    // Texts are long, and no list shows them.
    for (const field of ["body", "words"]) expect(first[0]).not.toHaveProperty(field);
    const second = await tickets.list({ ...everything, ownerId, limit: 3, after: ids[2] ?? null });
    expect(second.map(({ _id }) => _id)).toEqual(ids.slice(3));
    expect(await tickets.list({ ...everything, ownerId: newId() })).toEqual([]);
    expect(await tickets.list({ ...everything, ownerId, state: "closed" })).toEqual([]);
  });

  it("writes a change and its event together, once for each version", async () => {
    const { tickets, ticket } = await opened();
    const changes = Array.from({ length: 6 }, (_, number) => patched(ticket, `Title ${number}`));
    const written = await Promise.all(changes.map(({ event, set }) => tickets.change(event, set)));
    expect(written.filter(Boolean)).toHaveLength(1);
    const winner = changes[written.indexOf(true)];
    expect(await tickets.find(ticket._id)).toMatchObject({ version: 2, title: winner?.set.title });
    const history = await tickets.history(ticket._id, 10);
    expect(history.map(({ writeId }) => writeId)).toContain(winner?.event.writeId);
    expect(history).toHaveLength(2);
  });

  it("tells the newest lines of a history, in the order of the versions, also of those that were written in one moment", async () => {
    const { tickets, ticket } = await opened();
    let now = ticket;
    for (let number = 2; number <= 12; number++) {
      const change = changeTicket(now, { title: `Title ${number}` }, { id: ticket.ownerId, requestId: null }, ticket.createdAt);
      if (change === null || !(await tickets.change(change.event, change.set))) throw new Error("not changed");
      now = { ...now, ...change.set, version: number };
    }
    expect(await tickets.finishTriage(triageEvent(now, null, ticket.createdAt), now.triage)).toBe(true);
    const lines = (await tickets.history(ticket._id, 5)).map(({ version, kind }) => [version, kind]);
    expect(lines).toEqual([
      [9, "changed"],
      [10, "changed"],
      [11, "changed"],
      [12, "changed"],
      [12, "triaged"],
    ]);
    expect((await tickets.history(ticket._id, 100)).map(({ version }) => version).slice(0, 2)).toEqual([1, 2]);
  });

  it("leaves no event of a change that was refused", async () => {
    const { tickets, ticket } = await opened();
    const { event, set } = patched({ ...ticket, version: 7 }, "From a version that never was");
    expect(await tickets.change(event, set)).toBe(false);
    expect(await tickets.history(ticket._id, 10)).toHaveLength(1);
  });

  it("takes the same write twice as one", async () => {
    const { tickets, ticket } = await opened();
    const { event, set } = patched(ticket, "Sent twice");
    expect(await tickets.change(event, set)).toBe(true);
    expect(await tickets.change(event, set)).toBe(true);
    expect(await tickets.find(ticket._id)).toMatchObject({ version: 2 });
    expect(await tickets.history(ticket._id, 10)).toHaveLength(2);
  });

  it("shows a deleted ticket to nobody, and removes it with its history when its time is over", async () => {
    const { tickets, ticket, ownerId } = await opened();
    const { event, set } = deleteTicket(ticket, { id: ownerId, requestId: null }, new Date());
    expect(await tickets.change(event, set)).toBe(true);
    expect(await tickets.find(ticket._id)).toBeNull();
    expect(await tickets.list({ ...everything, ownerId })).toEqual([]);
    expect(await tickets.claimTriage(ticket._id, 2, new Date())).toBeNull();
    expect((await tickets.history(ticket._id, 10)).at(-1)?.kind).toBe("deleted");
    expect(await tickets.purge(soon(), 1000)).toBeGreaterThan(0);
    expect(await tickets.history(ticket._id, 10)).toEqual([]);
  });

  describe("triage", () => {
    const done = (ticket: Ticket) =>
      ({ ...ticket.triage, state: "done", finishedAt: new Date(), labels: ["access"], urgency: "high", wordCount: 4, bodySha256: "0f" }) as const;

    it("is claimed again when the first worker died, and its result is written once", async () => {
      const { tickets, ticket } = await opened();
      const first = await tickets.claimTriage(ticket._id, 1, new Date());
      const second = await tickets.claimTriage(ticket._id, 1, new Date());
      expect([first?.triage.attempts, second?.triage.attempts]).toEqual([1, 2]);
      if (first === null || second === null) throw new Error("not claimed");
      const results = await Promise.all([first, second].map((one) => tickets.finishTriage(triageEvent(one, null, new Date()), done(one))));
      expect(results.filter(Boolean)).toHaveLength(1);
      expect(await tickets.find(ticket._id)).toMatchObject({ version: 1, triage: { state: "done", labels: ["access"] } });
      expect((await tickets.history(ticket._id, 10)).filter(({ kind }) => kind === "triaged")).toHaveLength(1);
      expect(await tickets.claimTriage(ticket._id, 1, new Date())).toBeNull();
    });

    it("of a version that is no more changes nothing", async () => {
      const { tickets, ticket } = await opened();
      const claimed = await tickets.claimTriage(ticket._id, 1, new Date());
      const { event, set } = patched(ticket, "Meanwhile");
      await tickets.change(event, set);
      if (claimed === null) throw new Error("not claimed");
      expect(await tickets.finishTriage(triageEvent(claimed, null, new Date()), done(claimed))).toBe(false);
      expect(await tickets.find(ticket._id)).toMatchObject({ title: "Meanwhile", triage: { state: "pending", version: 2 } });
      expect(await tickets.claimTriage(ticket._id, 1, new Date())).toBeNull();
    });

    it("that is stuck is found, and touching it takes it from the list", async () => {
      const { tickets, ticket } = await opened();
      const stuck = async (before: Date) => (await tickets.stuckTriages(before, 1000)).some(({ _id }) => _id === ticket._id);
      expect(await stuck(soon())).toBe(true);
      expect(await stuck(new Date(Date.now() - 60_000))).toBe(false);
      const { _id, version, triage } = ticket;
      expect((await tickets.stuckTriages(soon(), 1000)).find((one) => one._id === _id)).toEqual({ _id, version, triage });
      await tickets.touchTriage(ticket._id, 1, { state: "failed", touchedAt: new Date(), finishedAt: new Date(), error: "Gave up." });
      expect(await stuck(soon())).toBe(false);
      expect(await tickets.find(ticket._id)).toMatchObject({ triage: { state: "failed", error: "Gave up." } });
    });
  });
}
