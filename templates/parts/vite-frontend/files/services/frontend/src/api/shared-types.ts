/** What every API of this kind speaks of; an application's own types stand in types.ts. */
export type User = {
  readonly id: number | string;
  readonly email: string;
};

export type Credentials = {
  readonly email: string;
  readonly password: string;
};

export type Page<Item> = {
  readonly count: number;
  readonly next: string | null;
  readonly previous: string | null;
  readonly results: readonly Item[];
};
