import type { ClientSession, Collection, Db, Filter } from "mongodb";

import { isDuplicate, type Mongo } from "../mongo/client.ts";
import type { User, Users, UserSet } from "./user.ts";

const escapeRegExp = (text: string): string => text.replaceAll(/[^\p{L}\p{N}@_-]/gu, String.raw`\$&`);

const users = (db: Db): Collection<User> => db.collection<User>("users");

const change = (db: Db, id: string, version: number, set: UserSet, options: { readonly session?: ClientSession } = {}): Promise<User | null> =>
  users(db).findOneAndUpdate(
    { _id: id, version },
    { $set: { ...set, version: version + 1, updatedAt: new Date() } },
    { ...options, returnDocument: "after" },
  );

export function mongoUsers(mongo: Mongo): Users {
  return {
    async insert(user) {
      try {
        await mongo.run((db) => users(db).insertOne(user));
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    },
    byId: (id) => mongo.run((db) => users(db).findOne({ _id: id })),
    byEmail: (email) => mongo.run((db) => users(db).findOne({ email })),
    list({ after, limit, search }) {
      const filter: Filter<User> = {
        ...(after === null ? {} : { _id: { $lt: after } }),
        ...(search === "" ? {} : { email: { $regex: `^${escapeRegExp(search)}` } }),
      };
      return mongo.run((db) => users(db).find(filter).sort({ _id: -1 }).limit(limit).toArray());
    },
    change: (id, version, set) => mongo.run((db) => change(db, id, version, set)),
    changeAs: (actorId, id, version, set) =>
      mongo.transaction(async (db, session) => {
        // Written, and not only read: so two who change each other want the same two documents, and the second begins again.
        const actor = { _id: actorId, role: "admin", active: true } as const;
        const { matchedCount } = await users(db).updateOne(actor, { $set: { updatedAt: new Date() } }, { session });
        return matchedCount === 0 ? "not_admin" : change(db, id, version, set, { session });
      }),
  };
}
