import type { Answer, Edge } from "../lib/http.ts";
import type { Project } from "../lib/project.ts";

/** What the boot suite may do with the application of a stack. Everything else it knows from the plan, by role and capability. */
export interface Application {
  /** What `/api/v1/health/` holds while all is well. */
  readonly healthy: Readonly<Record<string, unknown>>;
  /** What it holds, with 503, while the queue is stopped; of no meaning without one. */
  readonly withoutQueue: Readonly<Record<string, unknown>>;

  /** What must be there before anything is written; after each start on empty volumes. */
  readonly prepare?: (project: Project) => Promise<void>;
  /** What the suite deploys, where a stack is deployed in parts: the part that the edge hands the API's requests to. */
  readonly unit?: string;
  /** Things are kept for good: there is no DELETE. */
  readonly keeps?: boolean;
  /** Requests a second that a load offers at most, where a stand-in takes less than a machine's worth; one in ten writes. */
  readonly bears?: number;
  /** Requests a second while a password changes, where what stands in for the database shares its processor with the client that changes it. */
  readonly bearsRotation?: number;

  /** What a client asks before it sends anything. */
  readonly visit: (edge: Edge) => Promise<Answer>;
  readonly register: (edge: Edge, who: Credentials) => Promise<Answer>;
  /** Afterwards the calls of this edge are those of a signed-in person. */
  readonly login: (edge: Edge, who: Credentials) => Promise<Answer>;
  /** Signs people in by the application itself: the login tier would take ten minutes for as many. */
  readonly signIn: (project: Project, count: number, name: string) => Promise<readonly Person[]>;
  /** How many people have an account, asked of the database. */
  readonly people: (project: Project) => Promise<number>;

  /** Paths of the edge: of the login and of the list (both with what the router wants at their end), and a page of the frontend's own. */
  readonly paths: { readonly login: string; readonly things: string; readonly page: string };
  /** What makes one more thing, and a job with it; answered with 201. */
  readonly write: (title: string) => Sent;
  /** What else says that it is made: 202, where its way takes longer than an answer may. */
  readonly taken?: number;
  /** The thing that an answer to `write` made. */
  readonly idOf: (body: string) => string;
  /** Whether a thing's job is done, by what the API says of it (`paths.things` and the id). */
  readonly pathOf: (id: string) => string;
  readonly jobOf: (thing: any) => "waiting" | "done";
  /** Titles of a page of the list. */
  readonly titlesOf: (list: any) => readonly string[];
  /** Ids of the things whose title begins so, asked of the database, sorted; `done`: those whose job was done once. */
  readonly things: (project: Project, title: string, done: boolean) => Promise<readonly string[]>;

  /** Removes those of `things` whose job was done, and says which: of a database that grows too slow under a load of minutes. */
  readonly takeAway?: (project: Project, title: string) => Promise<readonly string[]>;

  /** Python in the API's container that opens 200 connections at once and prints what it saw (75-pgbouncer); none where that part is none. */
  readonly clients?: string;
  /** What `SHOW` says of each of these in a connection of the application's own making, a line each. */
  readonly settings: (project: Project, names: readonly string[]) => Promise<string>;

  /** A table of rows of people; the key of the queue, and what puts so many jobs there that nobody can do. */
  readonly table: string;
  readonly queue: string;
  readonly fillQueue: (jobs: number) => string;

  /** Variables that take the application's own limits away. */
  readonly unlimited: Readonly<Record<string, string>>;
  /** Ports that development publishes, by service. */
  readonly development: Readonly<Record<string, number>>;
  /** Services with an image and tests of their own; each Dockerfile's stage `test` runs these. */
  readonly built: readonly string[];
  /** Those of them whose tests say more with TEST_POSTGRES=host:port, a server that asks for no password. */
  readonly onPostgres?: readonly string[];
  /** How many tests of a service ask a server that is not in its image; the suite of the stack gives them one, and counts the same. */
  readonly onServer?: Readonly<Record<string, number>>;
  /** Services of which a version has an image; the first one is the API's. */
  readonly images: readonly string[];
  /** A text that is surely in the API's image. */
  readonly inImage: string;
  /** The secret that signs sessions, if there is one: people stay signed in while it is rotated. */
  readonly signing?: string;
  /** Lines of a Dockerfile that spoil the API's image: what then fails is a migration (where that image runs some), or what the health answer says. */
  readonly spoilt: { readonly migration?: string; readonly answers: string };
  /** Blocks of commands in its own pages that 88-runbooks does not type: how each begins, and why. */
  readonly notTyped: Readonly<Record<string, string>>;
  /** A change of the code that a development server takes by itself: then `path` answers `says`. */
  readonly saved: { readonly file: string; readonly adds: string; readonly path: string; readonly says: string };
}

interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** A signed-in person: what their client sends with every request. */
export interface Person {
  readonly headers: Readonly<Record<string, string>>;
}

/** A request, body and all. */
export interface Sent {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
