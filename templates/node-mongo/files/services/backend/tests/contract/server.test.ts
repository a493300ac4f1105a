/**
 * The same contracts on a real server. It leaves accounts and tickets behind and removes every deleted ticket at once, so it
 * runs only where somebody says that this is no loss: MONGO_CONTRACT=yes, beside the variables of the backend.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { mongoUsers } from "../../src/accounts/mongo-users.ts";
import { readMongo } from "../../src/config/settings.ts";
import { Mongo } from "../../src/mongo/client.ts";
import { events, tickets } from "../../src/tickets/journal.ts";
import { changeTicket, newId, newTicket } from "../../src/tickets/make.ts";
import { mongoTickets } from "../../src/tickets/mongo-tickets.ts";
import { ticketsContract } from "./tickets.ts";
import { usersContract } from "./users.ts";

const asked = process.env["MONGO_CONTRACT"] === "yes";

describe.skipIf(!asked)("on a real server", () => {
  let mongo: Mongo;
  beforeAll(() => {
    mongo = new Mongo(readMongo(process.env), "contract");
  });
  afterAll(() => mongo.close());

  describe("tickets", () => {
    ticketsContract(async () => mongoTickets(mongo));
  });
  describe("accounts", () => {
    usersContract(async () => mongoUsers(mongo));
  });

  it("a transaction that fails half-way leaves nothing", async () => {
    const { ticket, event } = newTicket({ title: "Half", body: "Text.", priority: "low" }, { id: newId(), requestId: null }, new Date());
    const failing = mongo.transaction(async (db, session) => {
      await events(db).insertOne(event, { session });
      await tickets(db).insertOne(ticket, { session });
      throw new Error("on purpose");
    });
    await expect(failing).rejects.toThrow("on purpose");
    expect(await mongo.run((db) => tickets(db).findOne({ _id: ticket._id }))).toBeNull();
    expect(await mongo.run((db) => events(db).findOne({ _id: event._id }))).toBeNull();
  });

  it("of many who change the same tickets at once, each version has one writer", async () => {
    const store = mongoTickets(mongo);
    const { ticket, event } = newTicket({ title: "Race", body: "Text.", priority: "low" }, { id: newId(), requestId: null }, new Date());
    await store.create(ticket, event);
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      let won = 0;
      for (let round = 0; round < 5; round++) {
        const now = await store.find(ticket._id);
        const change = now === null ? null : changeTicket(now, { title: `By ${writer}, ${round}` }, { id: ticket.ownerId, requestId: null }, new Date());
        if (change !== null && (await store.change(change.event, change.set))) won += 1;
      }
      return won;
    });
    const won = (await Promise.all(writers)).reduce((sum, one) => sum + one, 0);
    const versions = (await store.history(ticket._id, 100)).map(({ version }) => version).toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: won + 1 }, (_, index) => index + 1));
    expect((await store.find(ticket._id))?.version).toBe(won + 1);
  });
});
