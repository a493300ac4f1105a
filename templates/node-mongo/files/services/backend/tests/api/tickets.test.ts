import { describe, expect, it } from "vitest";

import { runTriage, sweep } from "../../src/tickets/triage-jobs.ts";
import { makeSite } from "../fakes/site.ts";

const DRAFT = { title: "Login fails", body: "Urgent: the password is denied." };
const ifMatch = (version: number) => ({ "if-match": `"${version}"` });

async function withTicket() {
  const site = makeSite();
  const { call, user } = await site.client();
  const made = await call("POST /tickets/", { body: DRAFT });
  return { ...site, call, user, made, path: `/tickets/${made.data.id}/` };
}

describe("a ticket", () => {
  it("is opened, read, changed and deleted", async () => {
    const { call, made, path, user } = await withTicket();
    expect(made).toMatchObject({ status: 201, data: { version: 1, state: "open", priority: "normal", owner_id: user._id, triage: { state: "pending" } } });
    expect(made.headers).toMatchObject({ etag: '"1"', location: `/api/v1${path}` });
    expect(made.data).not.toHaveProperty("words");
    const changed = await call(`PATCH ${path}`, { body: { state: "resolved", priority: "high" }, headers: ifMatch(1) });
    expect(changed).toMatchObject({ status: 200, data: { version: 2, state: "resolved" } });
    const events = await call(`GET ${path}events/`);
    expect(events.data.results.at(-1)).toMatchObject({
      kind: "changed",
      actor_id: user._id,
      changes: [
        { field: "state", from: "open", to: "resolved" },
        { field: "priority", from: "normal", to: "high" },
      ],
    });
    expect((await call(`DELETE ${path}`, { headers: ifMatch(2) })).status).toBe(204);
    expect((await call(`GET ${path}`)).status).toBe(404);
    expect((await call("GET /tickets/")).data.results).toEqual([]);
  });

  it("is changed only from the version that was read", async () => {
    const { call, path } = await withTicket();
    expect((await call(`PATCH ${path}`, { body: { title: "A" } })).data).toMatchObject({ status: 428, code: "precondition_required" });
    expect((await call(`PATCH ${path}`, { body: { title: "A" }, headers: { "if-match": "*" } })).status).toBe(400);
    const all = await Promise.all(["A", "B", "C"].map((title) => call(`PATCH ${path}`, { body: { title }, headers: ifMatch(1) })));
    expect(all.map(({ status }) => status).toSorted()).toEqual([200, 412, 412]);
    expect(all.find(({ status }) => status === 412)?.data).toMatchObject({ code: "precondition_failed", current_version: 2 });
    expect((await call(`DELETE ${path}`, { headers: { "if-match": 'W/"1"' } })).status).toBe(412);
    expect((await call(`DELETE ${path}`)).status).toBe(204);
  });

  it("that is sent as it is keeps its version", async () => {
    const { call, path } = await withTicket();
    const same = await call(`PATCH ${path}`, { body: { title: DRAFT.title }, headers: ifMatch(1) });
    expect(same).toMatchObject({ status: 200, data: { version: 1 } });
  });

  it("of somebody else is not there, but for an administrator", async () => {
    const { path, client, call } = await withTicket();
    const other = await client("eve@example.com");
    for (const [route, more] of [
      [`GET ${path}`, {}],
      [`GET ${path}events/`, {}],
      [`PATCH ${path}`, { body: { title: "Mine" }, headers: ifMatch(1) }],
      [`DELETE ${path}`, { headers: ifMatch(1) }],
    ] as const)
      expect([route, (await other.call(route, more)).status]).toEqual([route, 404]);
    expect((await other.call("GET /tickets/")).data.results).toEqual([]);
    expect((await other.call("GET /tickets/?all=true")).status).toBe(403);
    const root = await client("root@example.com", "admin");
    expect((await root.call("GET /tickets/?all=true")).data.results).toHaveLength(1);
    expect((await root.call(`PATCH ${path}`, { body: { state: "in_progress" }, headers: ifMatch(1) })).status).toBe(200);
    expect((await call(`GET ${path}`)).data.state).toBe("in_progress");
  });

  it.each([
    ["without a title", { title: "", body: "x" }, "title"],
    ["with a blank title", { title: "  ", body: "x" }, "title"],
    ["without a text", { title: "x" }, "body"],
    ["with a text too long", { title: "x", body: "y".repeat(20_001) }, "body"],
    ["with a priority of its own", { title: "x", body: "y", priority: "urgent" }, "priority"],
    ["with what only we write", { title: "x", body: "y", owner_id: "me" }, "owner_id"],
  ])("%s is refused", async (_what, body, field) => {
    const { call } = await withTicket();
    const answer = await call("POST /tickets/", { body });
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.data.errors)).toContain(field);
  });
});

describe("the list", () => {
  it("pages by cursor, and what is added meanwhile moves nothing", async () => {
    const { call } = await withTicket();
    for (const title of ["Two", "Three", "Four"]) await call("POST /tickets/", { body: { title, body: "Text." } });
    const titles = ({ data }: { data: { results: { title: string }[] } }) => data.results.map(({ title }) => title);
    const first = await call("GET /tickets/?limit=2");
    expect(titles(first)).toEqual(["Four", "Three"]);
    await call("POST /tickets/", { body: { title: "Five", body: "Text." } });
    const second = await call(`GET /tickets/?limit=2&cursor=${first.data.next}`);
    expect(titles(second)).toEqual(["Two", "Login fails"]);
    expect(second.data.next).toBeNull();
    expect((await call("GET /tickets/?cursor=garbage")).data.errors).toHaveProperty("cursor");
    expect((await call("GET /tickets/?limit=0")).status).toBe(400);
    expect((await call("GET /tickets/?page=2")).status).toBe(400);
  });

  it("searches words, filters states, and finds nothing for punctuation", async () => {
    const { call } = await withTicket();
    const found = async (query: string) => (await call(`GET /tickets/?${query}`)).data.results.length as number;
    expect(await found("search=LOG%20pass")).toBe(1);
    expect(await found("search=.*")).toBe(0);
    expect(await found("search=%20&state=open")).toBe(1);
    expect(await found("state=closed")).toBe(0);
    expect((await call("GET /tickets/?state=lost")).status).toBe(400);
  });
});

describe("the job", () => {
  it("reads a text once, whoever runs it how often", async () => {
    const { services, redis, call, path } = await withTicket();
    const [job] = redis.jobs;
    if (job === undefined) throw new Error("no job");
    expect(await Promise.all([runTriage(services.tickets, job), runTriage(services.tickets, job)])).toContain("done");
    expect(await runTriage(services.tickets, job)).toBe("superseded");
    const { data } = await call(`GET ${path}`);
    expect(data).toMatchObject({ version: 1, triage: { state: "done", labels: ["access", "defect"], urgency: "high", word_count: 5 } });
    const events = (await call(`GET ${path}events/`)).data.results;
    expect(events.filter(({ kind }: { kind: string }) => kind === "triaged")).toHaveLength(1);
  });

  it("carries the id of the request that wanted it", async () => {
    const { client, redis } = makeSite();
    const { call } = await client();
    await call("POST /tickets/", { body: DRAFT, headers: { "x-request-id": "trace-4711" } });
    expect(redis.jobs[0]?.requestId).toBe("trace-4711");
  });

  it("is not asked for again by a change that is no text, and is by one that is", async () => {
    const { services, redis, call, path } = await withTicket();
    await runTriage(services.tickets, redis.jobs[0] ?? { ticketId: "", version: 0, requestId: null });
    await call(`PATCH ${path}`, { body: { state: "closed" }, headers: ifMatch(1) });
    expect(redis.jobs).toHaveLength(1);
    expect((await call(`GET ${path}`)).data.triage).toMatchObject({ state: "done", version: 2 });
    await call(`PATCH ${path}`, { body: { body: "A question." }, headers: ifMatch(2) });
    expect(redis.jobs.at(-1)).toMatchObject({ version: 3 });
  });

  it("that was lost is sent again, and given up after ten claims", async () => {
    const { services, redis, made, log } = { ...(await withTicket()), log: makeSite().services.log };
    redis.jobs.length = 0;
    expect(await sweep(services.tickets, redis.queue, 60_000, log)).toMatchObject({ requeued: 0 });
    expect(await sweep(services.tickets, redis.queue, -1, log)).toMatchObject({ requeued: 1 });
    expect(redis.jobs).toEqual([{ ticketId: made.data.id, version: 1, requestId: null }]);
    for (let claim = 0; claim < 10; claim++) await services.tickets.claimTriage(made.data.id, 1, new Date());
    expect(await sweep(services.tickets, redis.queue, -1, log)).toMatchObject({ requeued: 0, givenUp: 1 });
    expect((await services.tickets.find(made.data.id))?.triage).toMatchObject({ state: "failed" });
  });
});

describe("without Redis", () => {
  it("a ticket is not lost for want of a queue", async () => {
    const site = makeSite({ queue: { add: () => Promise.reject(new Error("the queue did not answer within 1500 ms")) } });
    const { call } = await site.client();
    const made = await call("POST /tickets/", { body: DRAFT });
    expect(made).toMatchObject({ status: 201, data: { triage: { state: "pending" } } });
    expect(site.lines.find(({ message }) => message === "triage not queued, it will be later")).toMatchObject({ level: "warning" });
  });

  it("whoever is signed in is asked to come back, and nobody is signed out", async () => {
    const { client, redis } = makeSite();
    const { call } = await client();
    redis.state.down = true;
    const refused = await call("GET /tickets/");
    expect(refused).toMatchObject({ status: 503, data: { code: "service_unavailable" } });
    expect(refused.headers["retry-after"]).toBe("5");
    redis.state.down = false;
    expect((await call("GET /tickets/")).status).toBe(200);
  });
});
