import { type Db, type IndexDescriptionInfo, MongoServerError } from "mongodb";

import type { Logger } from "../ops/log.ts";
import type { Mongo } from "./client.ts";
import { type CollectionSchema, SCHEMA } from "./schema.ts";

const NAMESPACE_EXISTS = 48;

/**
 * Brings collections, validators and indexes to what schema.ts says. Safe at any time, also twice at once: every step asks for
 * a state and not for a change. It never drops anything; an index that is not declared (any more) is named in the log.
 */
export async function migrate(mongo: Mongo, log: Logger, schema: readonly CollectionSchema[] = SCHEMA): Promise<void> {
  for (const collection of schema) {
    await mongo.run((db) => ensureCollection(db, collection));
    await ensureValidator(mongo, collection);
    const created = await ensureIndexes(mongo, collection, log);
    log.info({ collection: collection.name, created }, `${collection.name} is up to date`);
  }
}

async function ensureCollection(db: Db, { name }: CollectionSchema): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== NAMESPACE_EXISTS) throw error;
  }
}

async function ensureValidator(mongo: Mongo, { name, validator }: CollectionSchema): Promise<void> {
  // moderate: a document of before a new rule can still be changed, as long as it gets no worse.
  const change = { validator: { $jsonSchema: validator }, validationLevel: "moderate", validationAction: "error" };
  await mongo.run((db) => db.command({ collMod: name, ...change }));
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
