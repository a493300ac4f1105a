import type { User, Users, UserSet } from "../../src/accounts/user.ts";

/** Accounts in memory. Passes the same contract as MongoDB's. */
export function memoryUsers(): Users {
  const users = new Map<string, User>();
  function change(id: string, version: number, set: UserSet): User | null {
    const user = users.get(id);
    if (user === undefined || user.version !== version) return null;
    const changed = { ...user, ...set, version: version + 1, updatedAt: new Date() };
    users.set(id, changed);
    return structuredClone(changed);
  }
  return {
    async insert(user) {
      if ([...users.values()].some(({ email }) => email === user.email)) return false;
      users.set(user._id, structuredClone(user));
      return true;
    },
    byId: async (id) => structuredClone(users.get(id) ?? null),
    byEmail: async (email) => structuredClone([...users.values()].find((user) => user.email === email) ?? null),
    list: async ({ after, limit, search }) =>
      [...users.values()]
        .filter((user) => (after === null || user._id < after) && user.email.startsWith(search))
        .toSorted((a, b) => (a._id < b._id ? 1 : -1))
        .slice(0, limit),
    change: async (id, version, set) => change(id, version, set),
    async changeAs(actorId, id, version, set) {
      const actor = users.get(actorId);
      return actor?.role === "admin" && actor.active ? change(id, version, set) : "not_admin";
    },
  };
}
