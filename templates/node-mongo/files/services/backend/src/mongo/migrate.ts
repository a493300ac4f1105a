import { type Db, type IndexDescriptionInfo, MongoServerError } from "mongodb";

import type { Logger } from "../ops/log.ts";
import type { Mongo } from "./client.ts";
import { type CollectionSchema, SCHEMA } from "./schema.ts";

const NAMESPACE_EXISTS = 48;
const COMMAND_NOT_FOUND = 59;
const NOT_IMPLEMENTED = 238;

const hasCode = (error: unknown, ...codes: readonly number[]): boolean =>
  error instanceof MongoServerError && codes.includes(Number(error.code));

/**
 * Brings collections, validators and indexes to what schema.ts says. Safe at any time, also twice at once: every step asks for
 * a state and not for a change. It never drops anything; an index that is not declared (any more) is named in the log.
 */
export async function migrate(mongo: Mongo, log: Logger, schema: readonly CollectionSchema[] = SCHEMA): Promise<void> {
  for (const collection of schema) {
    await mongo.run((db) => ensureCollection(db, collection));
    await ensureValidator(mongo, collection, log);
    const created = await ensureIndexes(mongo, collection, log);
    log.info({ collection: collection.name, created }, `${collection.name} is up to date`);
  }
}

async function ensureCollection(db: Db, { name }: CollectionSchema): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if (!hasCode(error, NAMESPACE_EXISTS)) throw error;
  }
}

async function ensureValidator(mongo: Mongo, { name, validator }: CollectionSchema, log: Logger): Promise<void> {
  try {
    await mongo.run((db) =>
      // moderate: a document of before a new rule can still be changed, as long as it gets no worse.
      db.command({ collMod: name, validator: { $jsonSchema: validator }, validationLevel: "moderate", validationAction: "error" }),
    );
  } catch (error) {
    // A server that only speaks the protocol may not know validators. A replica set has to.
    if (mongo.transactional || !hasCode(error, COMMAND_NOT_FOUND, NOT_IMPLEMENTED)) throw error;
    log.warn({ collection: name }, "this server cannot validate documents: only the API checks them");
  }
}

/** Only those that are missing are asked for: FerretDB 1.24 ends the connection over one that is there already. */
async function ensureIndexes(mongo: Mongo, { name, indexes }: CollectionSchema, log: Logger): Promise<readonly string[]> {
  const present = await mongo.run((db) => db.collection(name).listIndexes().toArray() as Promise<IndexDescriptionInfo[]>);
  const byName = new Map(present.map((index) => [index.name ?? "", index]));
  for (const index of indexes) {
    const there = byName.get(index.name);
    if (there === undefined) await mongo.run((db) => db.collection(name).createIndexes([{ ...index }]));
    else if (JSON.stringify(there.key) !== JSON.stringify(index.key) || (there.unique ?? false) !== (index.unique ?? false))
      throw new Error(`${name} has another index named ${index.name}: give the new one in mongo/schema.ts a name of its own`);
  }
  const known = new Set(["_id_", ...indexes.map((index) => index.name)]);
  for (const index of [...byName.keys()].filter((one) => !known.has(one)))
    log.warn({ collection: name, index }, `the schema knows no index ${index}: drop it by hand once no running version uses it`);
  return indexes.map((index) => index.name).filter((one) => !byName.has(one));
}
