export type FieldErrors = Readonly<Record<string, readonly string[]>>;

type Facts = {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  /** When a repetition is welcome, in ms since the epoch. */
  readonly retryAt: number | null;
  readonly fieldErrors: FieldErrors;
  /** The API's own word for it, such as "out_of_stock". */
  readonly code?: string | null;
  /** All that the problem document says, for those who know what to look for. */
  readonly members?: Readonly<Record<string, unknown>>;
};

/** Every way a request can fail, in one shape. Status 0: no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  /** When a repetition is welcome, in ms since the epoch. */
  readonly retryAt: number | null;
  readonly fieldErrors: FieldErrors;
  readonly code: string | null;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(facts: Facts) {
    super(facts.detail === "" ? facts.title : `${facts.title}: ${facts.detail}`);
    this.name = "ApiError";
    this.status = facts.status;
    this.title = facts.title;
    this.detail = facts.detail;
    this.requestId = facts.requestId;
    this.retryAt = facts.retryAt;
    this.fieldErrors = facts.fieldErrors;
    this.code = facts.code ?? null;
    this.members = facts.members ?? {};
  }
}

export const isStatus = (error: unknown, ...statuses: readonly number[]): error is ApiError =>
  error instanceof ApiError && statuses.includes(error.status);

export const isCode = (error: unknown, ...codes: readonly string[]): error is ApiError =>
  error instanceof ApiError && error.code !== null && codes.includes(error.code);

/** What the API has against single fields, by their names. */
export const fieldErrorsOf = (error: unknown): FieldErrors => (error instanceof ApiError ? error.fieldErrors : {});

export const unreachable = (): ApiError =>
  new ApiError({
    status: 0,
    title: "The server could not be reached",
    detail: "Check your connection and try again.",
    requestId: null,
    retryAt: null,
    fieldErrors: {},
  });

/** From a refused answer: problem+json where the API wrote it, a plain sentence where something before it did. */
export async function readProblem(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const problem = isRecord(body) ? body : {};
  return new ApiError({
    status: response.status,
    ...words(problem, response.status),
    requestId: text(problem["request_id"]) ?? response.headers.get("X-Request-ID"),
    retryAt: retryAt(response.headers.get("Retry-After")),
    fieldErrors: fieldErrors(problem["errors"]),
    code: text(problem["code"]),
    members: problem,
  });
}

function words(problem: Record<string, unknown>, status: number): { title: string; detail: string } {
  // Its detail counts seconds, and so do we; only ours keep counting.
  if (status === 429) return { title: "Too many requests", detail: "" };
  const title = text(problem["title"]) ?? plainTitle(status);
  const detail = text(problem["detail"]) ?? "";
  // The title of a problem without a type of its own is only the name of the status.
  const bare = (problem["type"] ?? "about:blank") === "about:blank";
  return bare && detail !== "" ? { title: detail, detail: "" } : { title, detail };
}

function plainTitle(status: number): string {
  if (status >= 500) return "The server has a problem";
  return `The request was refused (${status})`;
}

/** Seconds or an HTTP date, as RFC 9110 allows. */
function retryAt(header: string | null): number | null {
  if (header === null || header === "") return null;
  const seconds = Number(header);
  const time = Number.isFinite(seconds) ? Date.now() + seconds * 1000 : Date.parse(header);
  return Number.isNaN(time) ? null : time;
}

function fieldErrors(value: unknown): FieldErrors {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([field, messages]) => [
      field,
      (Array.isArray(messages) ? messages : [messages]).map(String),
    ]),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
