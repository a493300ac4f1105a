import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ClientSession, MongoError, MongoErrorLabel } from "mongodb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { readMongo } from "../../src/config/settings.ts";
import { Mongo } from "../../src/mongo/client.ts";

const labelled = (label: string): MongoError => {
  const error = new MongoError(`of a server that says ${label}`);
  error.addErrorLabel(label);
  return error;
};

/** A driver that is never connected: who commits here is a spy. */
describe("a transaction", () => {
  let dir: string;
  let mongo: Mongo;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "secrets-"));
    writeFileSync(join(dir, "password"), "word");
    mongo = new Mongo(readMongo({ MONGO_HOST: "127.0.0.1", MONGO_PASSWORD_FILE: join(dir, "password") }), "test");
    // The driver's own clock is hrtime.
    vi.useFakeTimers({ toFake: ["performance", "hrtime"] });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await mongo.close();
    rmSync(dir, { recursive: true });
  });
  const commits = () => vi.spyOn(ClientSession.prototype, "commitTransaction");
  const seconds = (count: number) => vi.advanceTimersByTime(count * 1000);

  it("is tried again while the server asks for it, and gives what the last try gave", async () => {
    commits().mockRejectedValueOnce(labelled(MongoErrorLabel.UnknownTransactionCommitResult)).mockResolvedValue();
    const work = vi.fn<() => Promise<string>>(async () => "the second").mockRejectedValueOnce(labelled(MongoErrorLabel.TransientTransactionError));
    expect(await mongo.transaction(work)).toBe("the second");
    expect(work).toHaveBeenCalledTimes(2);
    expect(ClientSession.prototype.commitTransaction).toHaveBeenCalledTimes(2);
  });

  it("begins no further try after 15 s", async () => {
    const work = vi.fn<() => Promise<never>>(async () => {
      seconds(2);
      throw labelled(MongoErrorLabel.TransientTransactionError);
    });
    await expect(mongo.transaction(work)).rejects.toThrow("TransientTransactionError");
    expect(work).toHaveBeenCalledTimes(8);
  });

  it("asks for its commit no longer than 15 s, and the server no longer than 5 s each time", async () => {
    const starts = vi.spyOn(ClientSession.prototype, "startTransaction");
    const commit = commits().mockImplementation(async () => {
      seconds(5);
      throw labelled(MongoErrorLabel.UnknownTransactionCommitResult);
    });
    await expect(mongo.transaction(async () => {})).rejects.toThrow("UnknownTransactionCommitResult");
    expect(commit).toHaveBeenCalledTimes(3);
    expect(starts.mock.calls[0]?.[0]).toMatchObject({ maxCommitTimeMS: 5_000 });
  });

  it("is not tried again for an error of ours", async () => {
    const work = vi.fn<() => Promise<never>>(() => Promise.reject(new Error("on purpose")));
    await expect(mongo.transaction(work)).rejects.toThrow("on purpose");
    expect(work).toHaveBeenCalledTimes(1);
  });
});
