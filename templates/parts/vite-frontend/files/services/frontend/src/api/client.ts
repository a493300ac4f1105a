import { readProblem, unreachable } from "./errors";

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
  if (method !== "GET") headers.set("X-CSRFToken", await csrfToken());

  const response = await send(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw await readProblem(response);
  if (response.status === 204) return undefined as Answer;
  return (await response.json()) as Answer;
}

/** Read anew for every change: signing in and out replaces the cookie. */
export async function csrfToken(): Promise<string> {
  const known = readCookie(CSRF_COOKIE);
  if (known !== null) return known;
  const response = await send("/auth/csrf/", { headers: { Accept: "application/json" } });
  if (!response.ok) throw await readProblem(response);
  return readCookie(CSRF_COOKIE) ?? "";
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
