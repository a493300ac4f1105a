import type { BootDefect } from "./boot.ts";

const SRC = "services/backend/src";

/** Of the application of node-mongo. */
export const NODE_MONGO_DEFECTS: readonly BootDefect[] = [
  {
    id: "node-two-writes",
    stack: "node-mongo",
    breaks: "a ticket's history is written outside the transaction",
    caughtBy: "HARD-2 what the tests in memory rely on",
    apply: (p) => p.patch(`${SRC}/tickets/journal.ts`, "insertOne(event, { session })", "insertOne(event)"),
  },
  {
    id: "node-if-match-ignored",
    stack: "node-mongo",
    breaks: "a change is taken whatever version it was made from",
    caughtBy: "PLAT-4 a ticket and its history are one write",
    apply: (p) =>
      p.patch(
        `${SRC}/tickets/routes.ts`,
        "if (ticket.version !== expected) throw stale(expected, ticket.version);\n      const change",
        "const change",
      ),
  },
  {
    id: "node-tickets-of-others",
    stack: "node-mongo",
    breaks: "everybody sees everybody's tickets by their id",
    caughtBy: "PLAT-4 an administrator is made on the server",
    apply: (p) => p.patch(`${SRC}/tickets/routes.ts`, '(ticket.ownerId !== user._id && user.role !== "admin")', "user === null"),
  },
  {
    id: "node-limit-by-header",
    stack: "node-mongo",
    breaks: "the API counts whom a client says it is",
    caughtBy: "PROD-8 api limits count the signed-in user",
    apply: (p) =>
      p.patch(`${SRC}/api/guard.ts`, "`user:${request.signedIn.user._id}`", '`user:${header(request, "x-user-id") ?? request.signedIn.user._id}`'),
  },
  {
    id: "node-heart-beats-alone",
    stack: "node-mongo",
    breaks: "the worker's heart beats without Redis",
    caughtBy: "ISO-10 a worker without its queue",
    apply: (p) => p.patch(`${SRC}/bin/worker.ts`, 'within(3_000, "Redis", sender.ping())', "Promise.resolve()"),
  },
  {
    id: "node-job-without-id",
    stack: "node-mongo",
    breaks: "a job does not know which request wanted it",
    caughtBy: "PROD-5 one request id runs through",
    apply: (p) => p.patch(`${SRC}/tickets/routes.ts`, "version, requestId: currentRequestId() }, log)", "version, requestId: null }, log)"),
  },
];
