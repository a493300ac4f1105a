import { MongoError, MongoErrorLabel, MongoNetworkError, MongoServerSelectionError, MongoWriteConcernError } from "mongodb";
import { describe, expect, it } from "vitest";

import { makeSite } from "../fakes/site.ts";

describe("health", () => {
  it("names what works, with and without the last slash, and costs nobody a call", async () => {
    const { app, visitor } = makeSite();
    const answer = await app.inject("/api/v1/health/");
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('{"status": "healthy", "database": "ok", "cache": "ok", "version": "test"}');
    expect(answer.headers["x-ratelimit-limit"]).toBeUndefined();
    expect((await visitor()("GET /health")).status).toBe(200);
    expect((await visitor()("GET /health/live/")).data).toEqual({ status: "alive", version: "test" });
  });

  it("says what does not, and why only to the log", async () => {
    const { visitor, lines } = makeSite({
      checks: { database: () => Promise.reject(new Error("mongo:27017 is away")), cache: async () => {} },
    });
    const { status, data } = await visitor()("GET /health/");
    expect(status).toBe(503);
    expect(data).toEqual({ status: "unhealthy", database: "failed", cache: "ok", version: "test", failed: ["database"] });
    expect(lines.find(({ level }) => level === "warning")).toMatchObject({ error: "mongo:27017 is away" });
  });

  it("does not wait for what hangs", async () => {
    const { visitor } = makeSite({ checks: { database: () => new Promise(() => {}), cache: async () => {} } });
    expect((await visitor()("GET /health/")).data).toMatchObject({ database: "timeout", cache: "ok" });
  });
});

describe("what is away", () => {
  const unknown = new MongoError("operation exceeded time limit");
  unknown.addErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult);
  const errors = [
    Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
    new Error("The client is offline"),
    new Error("Socket closed unexpectedly"),
    new Error("Redis did not answer within 3000 ms"),
    new MongoNetworkError("connection 4 to mongo:27017 closed"),
    new MongoServerSelectionError("Server selection timed out after 3000 ms", {} as never),
    new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 64, errmsg: "waiting for replication timed out" } }),
    unknown,
  ];
  it.each(errors)("%s is a 503 that says when to come back, and its reason is in the log alone", async (reason) => {
    const { services } = makeSite();
    const { client, lines } = makeSite({ tickets: { ...services.tickets, list: () => Promise.reject(reason) } });
    const answer = await (await client()).call("GET /tickets/");
    expect([answer.status, answer.data.code, answer.headers["retry-after"]]).toEqual([503, "service_unavailable", "5"]);
    expect(JSON.stringify(answer.data)).not.toContain(reason.message);
    expect(lines.some((line) => line["level"] === "error" && line["error"] === reason.message)).toBe(true);
  });

  it("is not what our own mistakes are", async () => {
    const { services } = makeSite();
    const { client } = makeSite({ tickets: { ...services.tickets, list: () => Promise.reject(new TypeError("x is not a function")) } });
    expect(await (await client()).call("GET /tickets/")).toMatchObject({ status: 500, data: { code: "error" } });
  });
});

describe("request ids", () => {
  it.each([
    ["abc.DEF_1-2", true],
    ["short", false],
    ['quote"in-it', false],
    ["x".repeat(65), false],
  ])("%s is taken: %s", async (id, taken) => {
    const { visitor, lines } = makeSite();
    const answer = await visitor()("GET /auth/me/", { headers: { "x-request-id": id } });
    expect(answer.headers["x-request-id"] === id).toBe(taken);
    expect(lines.at(-1)).toMatchObject({ request_id: answer.headers["x-request-id"], status: 401 });
    expect(answer.data.request_id).toBe(answer.headers["x-request-id"]);
  });

  it("stand in a refusal of a body that is no JSON, too", async () => {
    const { app } = makeSite();
    const answer = await app.inject({ method: "POST", url: "/api/v1/auth/login", headers: { "content-type": "application/json" }, payload: "{" });
    expect(answer.json()).toMatchObject({ request_id: answer.headers["x-request-id"] });
  });
});

describe("a body of type JSON that is empty", () => {
  const headers = { "content-type": "application/json" };

  it("is none, for what needs none", async () => {
    const { client } = makeSite();
    const { call } = await client();
    const { data } = await call("POST /tickets/", { body: { title: "T", body: "B" } });
    expect((await call(`DELETE /tickets/${data.id}/`, { headers })).status).toBe(204);
    expect((await call("POST /auth/logout/", { headers })).status).toBe(204);
  });

  it("is refused as invalid by what needs one, and one that would change all objects still is", async () => {
    const { client } = makeSite();
    const { call } = await client();
    expect(await call("POST /tickets/", { headers })).toMatchObject({ status: 400, data: { code: "invalid" } });
    const poisoned = await call("POST /tickets/", { headers, body: '{"title":"T","body":"B","__proto__":{"admin":true}}' });
    expect(poisoned).toMatchObject({ status: 400 });
    expect(poisoned.data.code).not.toBe("invalid");
  });
});

describe("the log", () => {
  it("has one line a request, with the fields of every service and no query", async () => {
    const { client, lines } = makeSite();
    const { call, user } = await client();
    lines.length = 0;
    await call("GET /tickets/?search=secret-words");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: "info",
      service: "backend",
      version: "test",
      message: "GET /api/v1/tickets/ 200",
      method: "GET",
      path: "/api/v1/tickets/",
      status: 200,
      user_id: user._id,
    });
    expect(lines[0]?.["timestamp"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(lines[0]?.["duration_ms"]).toEqual(expect.any(Number));
    expect(JSON.stringify(lines)).not.toContain("secret-words");
  });

  it("mentions a passing probe only when asked for everything", async () => {
    const { visitor, lines } = makeSite();
    await visitor()("GET /health/");
    expect(lines.at(-1)).toMatchObject({ level: "debug" });
  });
});

describe("limits", () => {
  it("PROD-8 count the signed-in user, whatever a client says of itself", async () => {
    const { client } = makeSite();
    const { call } = await client();
    const remaining = async (headers: Record<string, string> = {}) =>
      Number((await call("GET /tickets/", { headers })).headers["x-ratelimit-remaining"]);
    const first = await remaining();
    expect(await remaining({ "x-forwarded-for": "203.0.113.9", "x-user-id": "another" })).toBe(first - 1);
    const other = await client("eve@example.com");
    expect(Number((await other.call("GET /tickets/")).headers["x-ratelimit-remaining"])).toBe(99);
  });

  it("PROD-8 answer 429 with the time to wait, and count refused calls too", async () => {
    const site = makeSite();
    const call = site.visitor();
    const tries = [];
    for (let index = 0; index < 12; index++) tries.push(await call("POST /auth/login/", { body: { email: "a@example.com", password: "x" } }));
    expect(tries.map(({ status }) => status)).toEqual([...Array.from({ length: 10 }, () => 403), 429, 429]);
    const last = tries.at(-1);
    expect(last?.data).toMatchObject({ code: "rate_limited", request_id: last?.headers["x-request-id"] });
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(0);
    expect(last?.headers).toMatchObject({ "x-ratelimit-limit": "10", "x-ratelimit-remaining": "0" });
  });

  it("are tighter for searches, which cost more", async () => {
    const { client } = makeSite();
    const { call } = await client();
    const statuses = [];
    for (let index = 0; index < 6; index++) statuses.push((await call("GET /tickets/?search=x")).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await call("GET /tickets/")).status).toBe(200);
  });
});

it("figures name the route, never the path", async () => {
  const { visitor, services } = makeSite();
  await visitor()("GET /tickets/6b01f47a776861040d1122eb/");
  await visitor()("GET /no/such/path");
  const text = await services.metrics.registry.metrics();
  expect(text).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/tickets\/:id",status="401"\} 1/);
  expect(text).toMatch(/route="none",status="404"/);
  expect(text).not.toContain("6b01f47a776861040d1122eb");
});

it("an address that is not there is a problem with an id, too", async () => {
  const answer = await makeSite().visitor()("GET /nothing/here");
  expect(answer).toMatchObject({ status: 404, data: { code: "not_found", request_id: answer.headers["x-request-id"] } });
});

it("no line says of the service what is somebody else's", async () => {
  const site = makeSite({ queue: { add: () => Promise.reject(new Error("the queue did not answer within 1500 ms")) } });
  const { call } = await site.client();
  await call("POST /tickets/", { body: { title: "T", body: "B" } });
  expect(site.lines.length).toBeGreaterThan(1);
  for (const line of site.lines) expect([line["service"], line["version"]]).toEqual(["backend", "test"]);
});
