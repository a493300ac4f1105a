import { hashPassword } from "../../src/accounts/password.ts";
import { makeUser } from "../../src/accounts/make.ts";
import { makeApp } from "../../src/api/app.ts";
import type { Services } from "../../src/api/context.ts";
import type { Role, User } from "../../src/accounts/user.ts";
import { makeLog } from "../../src/ops/log.ts";
import { makeMetrics } from "../../src/ops/metrics.ts";
import { memoryRedis } from "./memory-redis.ts";
import { memoryTickets } from "./memory-tickets.ts";
import { memoryUsers } from "./memory-users.ts";

export const PASSWORD = "correct-horse-battery-9";
let hashed: Promise<string> | undefined;

/** The API with everything behind it in memory, and what it logged. */
export function makeSite(changes: Partial<Services> = {}) {
  const lines: Record<string, unknown>[] = [];
  const redis = memoryRedis();
  const services: Services = {
    settings: {
      version: "test",
      https: false,
      proxies: 1,
      sessionSeconds: 3600,
      rates: { api: { limit: 100, seconds: 60 }, auth: { limit: 10, seconds: 60 }, search: { limit: 5, seconds: 60 } },
    },
    log: makeLog(
      { service: "backend", version: "test", logLevel: "DEBUG" },
      { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    ),
    metrics: makeMetrics(),
    users: memoryUsers(),
    tickets: memoryTickets(),
    sessions: redis.sessionStore,
    rates: redis.rates,
    queue: redis.queue,
    checks: { database: async () => {}, cache: async () => {} },
    ...changes,
  };
  const app = makeApp(services);

  async function account(email: string, role: Role = "user"): Promise<User> {
    hashed ??= hashPassword(PASSWORD);
    const user = makeUser({ email, displayName: "", passwordHash: await hashed, role });
    await services.users.insert(user);
    return user;
  }

  /** A signed-in client, past the login: hashing is slow on purpose. */
  async function client(email = "ada@example.com", role: Role = "user") {
    const user = (await services.users.byEmail(email)) ?? (await account(email, role));
    const token = await services.sessions.open({ userId: user._id, epoch: user.sessionEpoch, csrf: "csrf-of-the-test" });
    return { user, call: caller({ sessionid: token, csrftoken: "csrf-of-the-test" }) };
  }

  interface Call {
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  }

  const caller =
    (cookies: Record<string, string>) =>
    async (route: string, { body, headers = {} }: Call = {}) => {
      const [method = "GET", path = "/"] = route.split(" ");
      const response = await app.inject({
        method: method as "GET",
        url: `/api/v1${path}`,
        cookies,
        headers: { ...(cookies["csrftoken"] === undefined ? {} : { "x-csrftoken": cookies["csrftoken"] }), ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      for (const { name, value } of response.cookies) {
        if (value === "") delete cookies[name];
        else cookies[name] = value;
      }
      // eslint-disable-next-line typescript/no-explicit-any -- a test says what it expects of an answer
      const data: any = response.body === "" ? null : JSON.parse(response.body);
      return { status: response.statusCode, headers: response.headers, data };
    };

  return { app, services, redis, lines, account, client, visitor: () => caller({}) };
}
