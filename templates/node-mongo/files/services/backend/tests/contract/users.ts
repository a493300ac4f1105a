import { expect, it } from "vitest";

import { makeUser } from "../../src/accounts/make.ts";
import type { Users } from "../../src/accounts/user.ts";
import { newId } from "../../src/tickets/make.ts";

/** What the application relies on, whatever accounts are kept in. */
export function usersContract(make: () => Promise<Users>): void {
  const person = (email: string) => makeUser({ email, displayName: "", passwordHash: "scrypt$1$1$1$salt$key-of-a-test" });

  it("keeps one account an address, also when two ask at once", async () => {
    const users = await make();
    const email = `${newId()}@example.com`;
    const inserted = await Promise.all([person(email), person(email), person(email)].map((user) => users.insert(user)));
    expect(inserted.filter(Boolean)).toHaveLength(1);
    expect((await users.byEmail(email))?.email).toBe(email);
    expect(await users.byEmail("nobody@example.com")).toBeNull();
  });

  it("changes the version that was read, and no other", async () => {
    const users = await make();
    const user = person(`${newId()}@example.com`);
    await users.insert(user);
    const changed = await Promise.all([users.change(user._id, 1, { role: "admin" }), users.change(user._id, 1, { active: false })]);
    expect(changed.filter((one) => one !== null)).toHaveLength(1);
    expect(await users.byId(user._id)).toMatchObject({ version: 2 });
    expect(await users.change(user._id, 1, { role: "user" })).toBeNull();
  });

  it("of administrators who demote each other at once leaves one, and lets nobody else change anybody", async () => {
    const users = await make();
    const [ada, eve] = [person(`${newId()}@example.com`), person(`${newId()}@example.com`)];
    for (const one of [ada, eve]) await users.insert({ ...one, role: "admin" });
    const demoted = await Promise.all([
      users.changeAs(ada._id, eve._id, 1, { role: "user" }),
      users.changeAs(eve._id, ada._id, 1, { role: "user" }),
    ]);
    expect(demoted.filter((one) => one === "not_admin")).toHaveLength(1);
    const now = [await users.byId(ada._id), await users.byId(eve._id)];
    const [left, other] = now[0]?.role === "admin" ? now : now.toReversed();
    expect([left?.role, left?.version, other?.role, other?.version]).toEqual(["admin", 1, "user", 2]);
    expect(await users.changeAs(other?._id ?? "", left?._id ?? "", 1, { active: false })).toBe("not_admin");
    expect(await users.changeAs(left?._id ?? "", other?._id ?? "", 1, { active: false })).toBeNull();
    expect(await users.changeAs(left?._id ?? "", other?._id ?? "", 2, { active: false })).toMatchObject({ active: false, version: 3 });
  });

  it("lists from the newest on, by the beginning of the address, taken as plain text", async () => {
    const users = await make();
    const prefix = `${newId()}.x`;
    const made = [person(`${prefix}1@example.com`), person(`${prefix}2@example.com`), person(`${prefix}3@example.com`)];
    for (const user of made) await users.insert(user);
    const emails = async (search: string, after: string | null = null) =>
      (await users.list({ after, limit: 2, search })).map(({ email }) => email);
    expect(await emails(prefix)).toEqual([`${prefix}3@example.com`, `${prefix}2@example.com`]);
    expect(await emails(prefix, made[1]?._id)).toEqual([`${prefix}1@example.com`]);
    expect(await emails(prefix.replace(".", "x"))).toEqual([]);
    expect(await emails(".*")).toEqual([]);
  });
}
