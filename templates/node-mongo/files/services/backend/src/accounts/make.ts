import { ObjectId } from "mongodb";

import type { User } from "./user.ts";

export function makeUser(facts: Pick<User, "email" | "displayName" | "passwordHash"> & { readonly role?: User["role"] }): User {
  const now = new Date();
  return {
    _id: new ObjectId().toHexString(),
    role: "user",
    ...facts,
    active: true,
    version: 1,
    sessionEpoch: 0,
    createdAt: now,
    updatedAt: now,
  };
}
