import { afterEach, describe, expect, it, vi } from "vitest";

import { hashPassword, verifyPassword } from "../../src/accounts/password.ts";
import { clientAddress, networkOf } from "../../src/ops/client-address.ts";
import { redactText } from "../../src/ops/log.ts";
import { windowOf } from "../../src/redis/rate-counter.ts";
import { assess } from "../../src/tickets/assess.ts";
import { searchWords, wordsOf } from "../../src/tickets/words.ts";

afterEach(() => vi.useRealTimers());

describe("addresses", () => {
  it("are what our own proxy wrote, whatever a client put before it", () => {
    expect(clientAddress("10.0.0.2", "198.51.100.1, 203.0.113.7", 1)).toBe("203.0.113.7");
    expect(clientAddress("10.0.0.2", "198.51.100.1, 203.0.113.7", 2)).toBe("198.51.100.1");
    expect(clientAddress("10.0.0.2", "not-an-address", 1)).toBe("10.0.0.2");
    expect(clientAddress("10.0.0.2", "203.0.113.7", 0)).toBe("10.0.0.2");
    expect(clientAddress("10.0.0.2", undefined, 1)).toBe("10.0.0.2");
  });

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["nonsense", "unknown"],
  ])("%s counts as %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

it("passwords are salted, checked in any normal form, and need a known scheme", async () => {
  const [first, second] = await Promise.all([hashPassword("pässword-of-a-test"), hashPassword("pässword-of-a-test")]);
  expect(first).not.toBe(second);
  expect(first).toMatch(/^scrypt\$16384\$8\$5\$/);
  expect(await verifyPassword("pässword-of-a-test".normalize("NFD"), first)).toBe(true);
  expect(await verifyPassword("another", first)).toBe(false);
  expect(await verifyPassword("anything", null)).toBe(false);
  expect(await verifyPassword("anything", "plain$anything")).toBe(false);
});

it("passwords that would wait behind fifty others are turned away at once, with the time to come back", async () => {
  // Cheap ones, which wait as the others do.
  const cheap = `scrypt$1024$8$1$${Buffer.alloc(16).toString("base64url")}$${Buffer.alloc(32).toString("base64url")}`;
  const asked = Array.from({ length: 60 }, () => verifyPassword("a-password", cheap));
  const results = await Promise.allSettled(asked);
  const refused = results.filter((one) => one.status === "rejected").map(({ reason }) => reason as unknown);
  expect(refused).toHaveLength(6);
  expect(refused[0]).toMatchObject({ status: 503, code: "service_unavailable", options: { headers: { "retry-after": "5" } } });
  expect(results.slice(0, 54).every(({ status }) => status === "fulfilled")).toBe(true);
  expect(await verifyPassword("a-password", cheap)).toBe(false);
});

it("words are found without case, accents and punctuation", () => {
  expect(wordsOf("Übermäßig, ÉTÉ! über-2 2")).toEqual(["ubermaßig", "ete", "uber", "2"]);
  expect(searchWords("a b c d e f g h i j")).toHaveLength(8);
  expect(wordsOf(Array.from({ length: 900 }, (_, index) => `w${index}`).join(" "))).toHaveLength(500);
  expect(wordsOf("x".repeat(100))[0]).toHaveLength(40);
});

it.each([
  ["Site down", "Since noon the page shows an error.", ["defect"], "high"],
  ["Typo", "A minor thing on the invoice.", ["billing"], "low"],
  ["Question about it's", "Where is the door?", [], "low"],
  ["Slow export", "It hangs.", ["data", "performance"], "normal"],
])("%s is about %j", (title, body, labels, urgency) => {
  expect(assess(title, body)).toMatchObject({ labels, urgency });
});

it("windows of a rate begin and end for everybody at the same moment", () => {
  const { key, resetSeconds } = windowOf("api", "user:1", { limit: 100, seconds: 60 }, 90_000);
  expect(resetSeconds).toBe(30);
  expect(key).toMatch(/^rate:api:[0-9a-f]{32}:1$/);
  expect(windowOf("api", "user:1", { limit: 100, seconds: 60 }, 120_000).key).not.toBe(key);
});

it.each([
  ["mongodb://app:pa55@mongo/", "mongodb://app:[redacted]@mongo/"],
  ['{"password":"pa55"}', '{"password":"[redacted]"}'],
  ["authorization: Bearer abc.def", "authorization: [redacted]"],
])("%s is not logged as it is", (text, logged) => {
  expect(redactText(text)).toBe(logged);
});
