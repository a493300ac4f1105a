import { isCode, readProblem, unreachable } from "./errors";

export const BASE = "/api/v1";
const CSRF_COOKIE = "csrftoken";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type RequestOptions = {
  readonly method?: Method;
  readonly body?: unknown;
  /** What the application adds, such as If-Match. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** One call of the API. Resolves to the decoded answer, or rejects with an ApiError. */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = "GET", body, signal } = options;
  const headers = new Headers({ Accept: "application/json", ...options.headers });
  if (body !== undefined) headers.set("Content-Type", "application/json");

  const ask = async (): Promise<Answer> => {
    const response = await send(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) throw await readProblem(response);
    if (response.status === 204) return undefined as Answer;
    return (await response.json()) as Answer;
  };
  if (method === "GET") return await ask();
  return await withCsrf(async (token) => {
    headers.set("X-CSRFToken", token);
    return await ask();
  });
}

/**
 * Sends a change with the cookie's token, read anew for each: signing in and out replaces it. Another application on the same
 * host can replace it as well, so once the API is asked which one it means. It refuses before it does anything.
 */
export async function withCsrf<Answer>(change: (token: string) => Promise<Answer>): Promise<Answer> {
  const token = readCookie(CSRF_COOKIE) ?? (await freshToken());
  try {
    return await change(token);
  } catch (error) {
    if (!isCode(error, "csrf_failed")) throw error;
  }
  return await change(await freshToken());
}

async function freshToken(): Promise<string> {
  const response = await send("/auth/csrf/", { headers: { Accept: "application/json" } });
  if (!response.ok) throw await readProblem(response);
  const answer = (await response.json().catch(() => null)) as { readonly csrf_token?: unknown } | null;
  const told = answer?.csrf_token;
  return typeof told === "string" && told !== "" ? told : (readCookie(CSRF_COOKIE) ?? "");
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${BASE}${path}`, { credentials: "same-origin", ...init });
  } catch (error) {
    // Whoever cancelled a request is not waiting for a message about it.
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
}

function readCookie(wanted: string): string | null {
  for (const pair of document.cookie.split("; ")) {
    const [key, value] = pair.split("=", 2);
    if (key === wanted && value !== undefined && value !== "") return decodeURIComponent(value);
  }
  return null;
}
