import { type ClientSession, type Db, MongoClient, type MongoClientOptions, MongoError, MongoServerError } from "mongodb";

import { secretValues } from "../config/secret-file.ts";
import type { MongoSettings } from "../config/settings.ts";
import { transact } from "./transaction.ts";

const AUTHENTICATION_FAILED = 18;
/** Longer than any call runs, a transaction whose last statement hangs included: a client that was replaced may still be answering one. */
const OLD_CLIENT_MS = 90_000;

/** Also of those who waited for a connection that another one was refused: the driver then turns all of them away. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof MongoError && (error.code === AUTHENTICATION_FAILED || /authentication failed/i.test(error.message));

export const isDuplicate = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11_000;

function options(settings: MongoSettings, password: string, service: string): MongoClientOptions {
  const { replicaSet, tls } = settings;
  return {
    appName: service,
    auth: { username: settings.user, password },
    authSource: settings.authSource,
    authMechanism: settings.authMechanism,
    replicaSet,
    ...(tls === null ? {} : { tls: true, tlsCAFile: tls.caFile }),
    ...((tls?.certificateKeyFile ?? null) === null ? {} : { tlsCertificateKeyFile: tls?.certificateKeyFile as string }),
    // A write counts when most members have it on disk, and what is read cannot be rolled back.
    writeConcern: { w: "majority", journal: true },
    readConcern: { level: "majority" },
    retryWrites: true,
    maxPoolSize: settings.poolMax,
    // Shorter than the proxy's patience: then the answer is a 503 of ours.
    serverSelectionTimeoutMS: 3_000,
    connectTimeoutMS: 3_000,
    waitQueueTimeoutMS: 10_000,
    socketTimeoutMS: 15_000,
    heartbeatFrequencyMS: 2_000,
  };
}

/** The database, through a client that is made again when the server refuses its password. */
export class Mongo {
  readonly #settings: MongoSettings;
  readonly #service: string;
  #client: MongoClient;
  #password: string;
  #renewal: Promise<void> | null = null;

  constructor(settings: MongoSettings, service: string) {
    this.#settings = settings;
    this.#service = service;
    this.#password = secretValues(settings.passwordFile)[0] ?? "";
    this.#client = this.#make(this.#password);
  }

  /** Each call to the server goes through here, so that a rotated password is noticed by whoever comes first. */
  async run<Result>(call: (db: Db) => Promise<Result>): Promise<Result> {
    return this.#renewing((client) => call(client.db(this.#settings.database)));
  }

  /** All or nothing. `work` is repeated when the server asks for it, so it must be free of other effects. */
  async transaction<Result>(work: (db: Db, session: ClientSession) => Promise<Result>): Promise<Result> {
    return this.#renewing((client) =>
      client.withSession((session) => transact(session, () => work(client.db(this.#settings.database), session))),
    );
  }

  ping(): Promise<unknown> {
    return this.run((db) => db.command({ ping: 1 }));
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #renewing<Result>(call: (client: MongoClient) => Promise<Result>): Promise<Result> {
    const password = this.#password;
    try {
      return await call(this.#client);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // Refused before the call was sent: it may be sent again.
      await this.#renew(password);
      return call(this.#client);
    }
  }

  async #renew(refused: string): Promise<void> {
    if (this.#password !== refused) return; // somebody else was quicker
    this.#renewal ??= this.#search(new Set([refused])).finally(() => (this.#renewal = null));
    await this.#renewal;
  }

  /** Tries what the file holds until the server takes it; a file that changed meanwhile is read again. */
  async #search(refused: Set<string>): Promise<void> {
    for (;;) {
      const candidate = secretValues(this.#settings.passwordFile).find((value) => !refused.has(value));
      if (candidate === undefined)
        throw new Error(`${this.#settings.hosts.join(",")} refuses user ${this.#settings.user}: ops/secrets check`);
      const client = this.#make(candidate);
      try {
        await client.db(this.#settings.database).command({ ping: 1 });
      } catch (error) {
        await client.close().catch(() => {});
        if (!isRefusal(error)) throw error;
        refused.add(candidate);
        continue;
      }
      const old = this.#client;
      this.#client = client;
      this.#password = candidate;
      setTimeout(() => void old.close().catch(() => {}), OLD_CLIENT_MS).unref();
      return;
    }
  }

  #make(password: string): MongoClient {
    return new MongoClient(`mongodb://${this.#settings.hosts.join(",")}/`, options(this.#settings, password, this.#service));
  }
}
