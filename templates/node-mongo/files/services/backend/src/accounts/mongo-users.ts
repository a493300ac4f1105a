import type { Collection, Db, Filter } from "mongodb";

import { isDuplicate, type Mongo } from "../mongo/client.ts";
import type { User, Users } from "./user.ts";

const escapeRegExp = (text: string): string => text.replaceAll(/[^\p{L}\p{N}@_-]/gu, String.raw`\$&`);

const users = (db: Db): Collection<User> => db.collection<User>("users");

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
    change: (id, version, set) =>
      mongo.run((db) =>
        users(db).findOneAndUpdate(
          { _id: id, version },
          { $set: { ...set, version: version + 1, updatedAt: new Date() } },
          { returnDocument: "after" },
        ),
      ),
  };
}
