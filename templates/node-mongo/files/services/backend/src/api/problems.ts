import { STATUS_CODES } from "node:http";

import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import {
  MongoDriverError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from "mongodb";

const CONTENT_TYPE = "application/problem+json";
const RETRY_AFTER_SECONDS = 5;

export interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly members?: Readonly<Record<string, unknown>>;
}

/** An answer that is an error: RFC 9457, with the id of its request. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly options: ProblemOptions;

  constructor(status: number, code: string, detail: string, options: ProblemOptions = {}) {
    super(detail);
    this.status = status;
    this.code = code;
    this.options = options;
  }
}

export const notFound = (): Problem => new Problem(404, "not_found", "There is nothing at this address.");
export const administratorsOnly = (): Problem => new Problem(403, "permission_denied", "Only an administrator may do this.");
/** Nothing was asked that is wrong: the same may be asked again in a moment. */
export const unavailable = (): Problem =>
  new Problem(503, "service_unavailable", "The service cannot answer right now. Try again shortly.", {
    headers: { "retry-after": String(RETRY_AFTER_SECONDS) },
  });
export const invalid = (errors: Readonly<Record<string, readonly string[]>>): Problem =>
  new Problem(400, "invalid", "The request has invalid fields.", { members: { errors } });

function problemBody({ status, code, message, options }: Problem, requestId: string): Record<string, unknown> {
  return {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: message,
    code,
    request_id: requestId,
    ...options.members,
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.options.headers ?? {})
    .header("content-type", CONTENT_TYPE)
    .header("cache-control", "no-store")
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problemBody(problem, reply.request.id));
}

/** What a name of the path or body did wrong, by field. */
function fieldErrors(error: FastifyError): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  for (const { instancePath, params, message } of error.validation ?? []) {
    const missing = params["missingProperty"] ?? params["additionalProperty"];
    const field = String(missing ?? (instancePath.replace(/^\//, "").replaceAll("/", ".") || "non_field_errors"));
    (errors[field] ??= []).push(message ?? "is not valid");
  }
  return errors;
}

const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/;
/** What the clients say without a code: Redis' own, ours, and MongoDB's when it refuses every password. */
const AWAY = /^(Redis|the queue) did not answer|client is (closed|offline)|socket closed|connection timeout|disconnects client|refuses user/i;

/** A transaction that was given up, or whose end nobody has heard. */
const UNDECIDED = [MongoErrorLabel.TransientTransactionError, MongoErrorLabel.UnknownTransactionCommitResult];

/** Of Redis and of MongoDB: away, or too busy to answer. Nothing was asked that is wrong. */
function isOutage(error: Error): boolean {
  return (
    error instanceof MongoNetworkError ||
    error instanceof MongoServerSelectionError ||
    error instanceof MongoOperationTimeoutError ||
    // Written, and too few members have said so: whether it lasts is not known.
    error instanceof MongoWriteConcernError ||
    (error instanceof MongoError && UNDECIDED.some((label) => error.hasErrorLabel(label))) ||
    (error instanceof MongoDriverError && /timed out|pool/i.test(error.message)) ||
    NETWORK.test(String((error as NodeJS.ErrnoException).code ?? "")) ||
    AWAY.test(error.message)
  );
}

function toProblem(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  if (error.validation !== undefined) return invalid(fieldErrors(error));
  if (isOutage(error)) {
    request.log.error({ err: error }, "database or cache unavailable");
    return unavailable();
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return new Problem(status, error.code?.toLowerCase() ?? "bad_request", error.message);
  request.log.error({ err: error }, "unexpected error");
  return new Problem(500, "error", "Something went wrong. The log has it under this request id.");
}

export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(reply, toProblem(error, request));
}
