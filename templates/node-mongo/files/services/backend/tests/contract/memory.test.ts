import { describe } from "vitest";

import { memoryTickets } from "../fakes/memory-tickets.ts";
import { memoryUsers } from "../fakes/memory-users.ts";
import { ticketsContract } from "./tickets.ts";
import { usersContract } from "./users.ts";

describe("tickets in memory", () => {
  ticketsContract(async () => memoryTickets());
});
describe("accounts in memory", () => {
  usersContract(async () => memoryUsers());
});
