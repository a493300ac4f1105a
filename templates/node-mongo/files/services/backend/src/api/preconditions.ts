import type { FastifyRequest } from "fastify";

import { Problem } from "./problems.ts";

/** A proxy that compresses turns the strong tag "3" into the weak one W/"3". */
const ENTITY_TAG = /^(?:W\/)?"(\d{1,9})"$/;

export const etag = (version: number): string => `"${version}"`;

/** Which version a client believes it is changing. */
export function expectedVersion(request: FastifyRequest): number {
  const header = request.headers["if-match"];
  if (header === undefined) throw new Problem(428, "precondition_required", "Send the ETag that you read in If-Match.");
  const version = ENTITY_TAG.exec(header.trim())?.[1];
  if (version === undefined) throw new Problem(400, "bad_precondition", 'If-Match must be one ETag of this object, such as "3".');
  return Number(version);
}

export const stale = (expected: number, current: number | undefined): Problem =>
  new Problem(412, "precondition_failed", `You changed version ${expected}, but version ${current ?? "unknown"} is stored.`, {
    members: current === undefined ? {} : { current_version: current },
  });
