import type { Account, CursorPage, Ticket, Triage } from "../api/types";
import { fakeApi, json, type FakeApi } from "./fake-api";

export const ID = "6b01f47a776861040d1122eb";
export const OTHER_ID = "6b01f47a776861040d1122ec";

export const unfinished = (state: "pending" | "running" | "failed", error = ""): Triage => ({
  state,
  labels: [],
  urgency: null,
  word_count: null,
  body_sha256: null,
  error,
});

export const ticket = (changes: Partial<Ticket> = {}): Ticket => ({
  id: ID,
  owner_id: "6b01f47a776861040d1122ea",
  title: "Login fails",
  body: "The password is denied.",
  state: "open",
  priority: "normal",
  version: 1,
  created_at: "2026-11-01T10:00:00Z",
  updated_at: "2026-11-02T11:30:00Z",
  triage: { state: "done", labels: ["access"], urgency: "high", word_count: 4, body_sha256: "0f".repeat(32), error: "" },
  ...changes,
});

export const account = (changes: Partial<Account> = {}): Account => ({
  id: "6b01f47a776861040d1122ea",
  email: "ada@example.com",
  role: "user",
  active: true,
  version: 1,
  created_at: "2026-11-01T09:00:00Z",
  ...changes,
});

export const cursorPage = <Item>(results: readonly Item[], next: string | null = null): CursorPage<Item> => ({ results, next });

/** The API of somebody who is signed in, with one ticket in it. */
export function ticketApi(who: Partial<Account> = {}): FakeApi {
  document.cookie = "csrftoken=token-in-cookie";
  return fakeApi()
    .on("GET /auth/me/", () => json(account(who)))
    .on("GET /tickets/", () => json(cursorPage([ticket()])))
    .on(`GET /tickets/${ID}/`, () => json(ticket()))
    .on(`GET /tickets/${ID}/events/`, () =>
      json({ results: [{ id: `${ID}:1`, version: 1, kind: "created", at: "2026-11-01T10:00:00Z", changes: [] }] }),
    );
}
