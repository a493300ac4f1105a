import { vi } from "vitest";
import type { Page } from "../api/shared-types";

type Call = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: unknown;
};
type Handler = (call: Call) => Response | Promise<Response>;

export type FakeApi = {
  /** Later answers replace earlier ones: `on("GET /auth/me/", …)`. */
  readonly on: (route: string, handler: Handler) => FakeApi;
  readonly calls: (route: string) => readonly Call[];
};

/** An API in place of fetch. A call nobody expected fails the test. */
export function fakeApi(): FakeApi {
  const handlers = new Map<string, Handler>();
  const made: { route: string; call: Call }[] = [];

  vi.stubGlobal("fetch", async (input: string, init: RequestInit = {}) => {
    const url = new URL(input, location.origin);
    const call: Call = {
      method: init.method ?? "GET",
      path: url.pathname.replace(/^\/api\/v1/, ""),
      query: url.searchParams,
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? (JSON.parse(init.body) as unknown) : undefined,
    };
    const route = `${call.method} ${call.path}`;
    made.push({ route, call });
    const handler = handlers.get(route);
    if (handler === undefined) throw new Error(`The test has no answer for ${route}`);
    return handler(call);
  });

  const api: FakeApi = {
    on: (route, handler) => {
      handlers.set(route, handler);
      return api;
    },
    calls: (wanted) => made.filter(({ route }) => route === wanted).map(({ call }) => call),
  };
  return api;
}

/** The API of someone who is signed in. */
export function signedInApi(): FakeApi {
  document.cookie = "csrftoken=token-in-cookie";
  return fakeApi().on("GET /auth/me/", () => json({ id: 1, email: "ada@example.com" }));
}

export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });

export const noContent = (): Response => new Response(null, { status: 204 });

export const problem = (
  status: number,
  more: {
    readonly type?: string;
    readonly title?: string;
    readonly detail?: string;
    readonly code?: string;
    readonly errors?: Readonly<Record<string, readonly string[]>>;
    readonly retryAfter?: string;
    readonly [member: string]: unknown;
  } = {},
): Response => {
  const { retryAfter, ...body } = more;
  return new Response(JSON.stringify({ type: "about:blank", title: "Refused", status, request_id: "req-4711", ...body }), {
    status,
    headers: {
      "Content-Type": "application/problem+json",
      ...(retryAfter === undefined ? {} : { "Retry-After": retryAfter }),
    },
  });
};

export const pageOf = <Item>(...results: readonly Item[]): Page<Item> => ({
  count: results.length,
  next: null,
  previous: null,
  results,
});
