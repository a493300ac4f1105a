import { beforeAll, expect, it } from "vitest";

import type { Edge } from "../lib/http.ts";
import { Project } from "../lib/project.ts";
import { until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const ADDRESS = { email: "django@example.com", password: "correct-horse-battery-9" };

// What only this application promises: the other stacks have neither its admin nor its manage.py.
stacksWith("articles", stack.id === "django-postgres").describe("the Django application, by itself", () => {
  let edge: Edge;
  const patiently = <T extends { status: number }>(call: () => Promise<T>) => until(call, (answer) => answer.status !== 429, 90_000);
  beforeAll(async () => {
    edge = project.edge();
    await patiently(() => application.visit(edge));
    await patiently(() => application.register(edge, ADDRESS));
    expect((await patiently(() => application.login(edge, ADDRESS))).status).toBe(200);
  });

  it("lists, creates, reads, updates and deletes articles, and shows the job's result", async () => {
    const created = await edge.json("/api/v1/articles/", { method: "POST", body: { title: "Boats", body: "A boat floats. A boat sinks!" } });
    expect(created.status).toBe(201);
    const path = `/api/v1/articles/${created.data.id}/`;
    const done = await until(
      () => edge.json(path),
      (answer) => answer.data.analysis?.state === "done",
      30_000,
    );
    expect(done.data.analysis).toMatchObject({ state: "done", word_count: 6, sentence_count: 2 });
    const updated = await edge.json(path, { method: "PATCH", body: { title: "Ships", version: done.data.version } });
    expect(updated.status).toBe(200);
    const stale = await edge.json(path, { method: "PATCH", body: { title: "Rafts", version: done.data.version } });
    expect(stale.status).toBe(409);
    expect(stale.headers["content-type"]).toContain("application/problem+json");
    const list = await edge.json("/api/v1/articles/");
    expect(application.titlesOf(list.data)).toContain("Ships");
    expect((await edge.call(path, { method: "DELETE" })).status).toBe(204);
  });

  it("ISO-3 a redirect of nginx itself names no port of the container", async () => {
    const answer = await project.edge().call("/admin");
    expect([answer.status, answer.headers["location"]]).toEqual([301, "/admin/"]);
  });

  it("PROD-7 the login form of the admin is long enough to be compressed, holds a token, and is not", async () => {
    // Its tier may be used up for a moment.
    const form = await patiently(() => project.edge().call("/admin/login/", { headers: { "accept-encoding": "gzip" } }));
    expect(form.status).toBe(200);
    expect(form.body.length).toBeGreaterThan(1024);
    expect(form.headers["content-encoding"]).toBeUndefined();
  });

  it("ISO-4 services find each other by name and check_database says so", async () => {
    const ran = await project.compose(["exec", "-T", "backend", "python", "manage.py", "check_database"]);
    expect(ran.out + ran.err).toContain("Database connection successful");
    expect(ran.code).toBe(0);
  });
});
