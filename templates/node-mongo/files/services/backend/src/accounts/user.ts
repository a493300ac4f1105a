export const ROLES = ["user", "admin"] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  readonly _id: string;
  readonly email: string;
  readonly displayName: string;
  readonly passwordHash: string;
  readonly role: Role;
  readonly active: boolean;
  readonly version: number;
  readonly sessionEpoch: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type UserSet = Partial<Pick<User, "role" | "active" | "passwordHash" | "sessionEpoch">>;

export interface UserPage {
  readonly after: string | null;
  readonly limit: number;
  /** What the address begins with. */
  readonly search: string;
}

/** Where accounts are kept. Two of them stand: MongoDB's, and one in memory for tests; both pass tests/contract. */
export interface Users {
  /** False when the address has an account. */
  insert(user: User): Promise<boolean>;
  byId(id: string): Promise<User | null>;
  byEmail(email: string): Promise<User | null>;
  list(page: UserPage): Promise<readonly User[]>;
  /** Null when `version` is not the one that is stored. */
  change(id: string, version: number, set: UserSet): Promise<User | null>;
  /** The same by an administrator, who must still be one when it is written: of two who demote each other at once, one is not. */
  changeAs(actorId: string, id: string, version: number, set: UserSet): Promise<User | "not_admin" | null>;
}

/** One spelling an account: no provider in use tells upper from lower case. */
export const normaliseEmail = (email: string): string => email.trim().toLowerCase();
