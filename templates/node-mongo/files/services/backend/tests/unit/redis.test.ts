import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { readRedis } from "../../src/config/settings.ts";
import { type Patience, makeRedis, type Redis } from "../../src/redis/client.ts";
import { makeSite } from "../fakes/site.ts";

/** Long beside what a busy machine may keep a timer waiting. */
const SILENCE_MS = 1_200;

describe("a Redis that vanishes without a word", () => {
  let dir: string;
  let server: Server;
  let sockets: Socket[];
  let client: Redis;
  /** On old connections nothing is answered any more, and nothing is closed. */
  let silentBefore: number;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "secrets-"));
    writeFileSync(join(dir, "password"), "word");
    [sockets, silentBefore] = [[], 0];
    server = createServer((socket) => {
      const number = sockets.push(socket);
      socket.on("error", () => {}).on("data", (data) => {
        if (number <= silentBefore) return;
        // What is sent here is a list, whose length is the first line; each of them is answered alike.
        for (const _command of data.toString().match(/^\*\d+\r\n/gm) ?? []) socket.write("+PONG\r\n");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    client.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(dir, { recursive: true });
  });

  async function connected(patience: Patience): Promise<void> {
    const { port } = server.address() as { port: number };
    const settings = readRedis({ REDIS_HOST: "127.0.0.1", REDIS_PORT: String(port), REDIS_PASSWORD_FILE: join(dir, "password") });
    client = makeRedis(settings, makeSite().services.log, patience, SILENCE_MS);
    await client.connect();
    expect(await client.ping()).toBe("PONG");
  }
  const answersAgain = () => vi.waitFor(async () => expect(await client.ping()).toBe("PONG"), { timeout: 20_000, interval: 50 });

  it.each(["visitor", "worker"] as const)("is noticed by a %s's client that nobody uses", async (patience) => {
    await connected(patience);
    silentBefore = sockets.length;
    await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(silentBefore), { timeout: 20_000 });
    await answersAgain();
  });

  it("is noticed by one that is asked all the time, and whoever waits is told", async () => {
    await connected("visitor");
    silentBefore = sockets.length;
    const waiting = client.ping().then(() => "answered", () => "told");
    // A socket's own timer begins anew with each of these.
    const asking = setInterval(() => void client.ping().catch(() => {}), SILENCE_MS / 10);
    try {
      await vi.waitFor(() => expect(sockets.length).toBeGreaterThan(silentBefore), { timeout: 20_000 });
    } finally {
      clearInterval(asking);
    }
    expect(await waiting).toBe("told");
    await answersAgain();
  });

  it("is not what one is that answers", async () => {
    await connected("visitor");
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS * 2));
    expect(sockets).toHaveLength(1);
  });

  it("is left alone when it was said to be over", async () => {
    await connected("visitor");
    silentBefore = sockets.length;
    client.destroy();
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS * 2));
    expect([sockets.length, client.isOpen]).toEqual([1, false]);
  });
});
