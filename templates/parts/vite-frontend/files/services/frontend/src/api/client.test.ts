import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeApi, json, noContent, problem, type FakeApi } from "../test/fake-api";
import { request } from "./client";
import { ApiError } from "./errors";

const forgetCookie = () => {
  document.cookie = "csrftoken=; max-age=0";
};

const refusal = async (call: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`Expected an ApiError, got ${String(error)}`);
  return error;
};

const tokens = (api: FakeApi, route: string) => api.calls(route).map(({ headers }) => headers.get("X-CSRFToken"));

const wait = async () => (await refusal(request("/articles/"))).retryAt;

beforeEach(forgetCookie);

describe("CSRF", () => {
  it("is not asked for by reading", async () => {
    const api = fakeApi().on("GET /articles/", () => json({}));
    await request("/articles/");
    expect(api.calls("GET /auth/csrf/")).toHaveLength(0);
    expect(api.calls("GET /articles/")[0]?.headers.has("X-CSRFToken")).toBe(false);
  });

  it("fetches the cookie before the first change and sends it as a header", async () => {
    const api = fakeApi()
      .on("GET /auth/csrf/", () => {
        document.cookie = "csrftoken=fresh";
        return noContent();
      })
      .on("POST /articles/", () => json({ id: 1 }, 201));

    await request("/articles/", { method: "POST", body: { title: "t" } });
    await request("/articles/", { method: "POST", body: { title: "u" } });

    expect(api.calls("GET /auth/csrf/")).toHaveLength(1);
    expect(api.calls("POST /articles/").map(({ headers }) => headers.get("X-CSRFToken"))).toEqual(["fresh", "fresh"]);
    expect(api.calls("POST /articles/")[1]?.body).toEqual({ title: "u" });
  });

  it("uses the cookie of the moment, since signing in replaces it", async () => {
    const api = fakeApi().on("POST /auth/logout/", noContent);
    document.cookie = "csrftoken=before";
    await request("/auth/logout/", { method: "POST" });
    document.cookie = "csrftoken=after";
    await request("/auth/logout/", { method: "POST" });
    expect(api.calls("POST /auth/logout/").map(({ headers }) => headers.get("X-CSRFToken"))).toEqual(["before", "after"]);
  });

  it("takes the token from the answer where no cookie can be read", async () => {
    const api = fakeApi()
      .on("GET /auth/csrf/", () => json({ csrf_token: "of-the-answer" }))
      .on("POST /articles/", () => json({}, 201));
    await request("/articles/", { method: "POST" });
    expect(tokens(api, "POST /articles/")).toEqual(["of-the-answer"]);
  });

  it("asks for a new token when the API refuses the one of the cookie, and repeats the same change once", async () => {
    document.cookie = "csrftoken=of-another-application";
    const api = fakeApi()
      .on("GET /auth/csrf/", () => json({ csrf_token: "fresh" }))
      .on("PATCH /articles/1/", ({ headers }) =>
        headers.get("X-CSRFToken") === "fresh" ? json({ id: 1 }) : problem(403, { code: "csrf_failed" }),
      );
    const answer = await request("/articles/1/", { method: "PATCH", body: { title: "t" }, headers: { "If-Match": '"1"' } });
    expect(answer).toEqual({ id: 1 });
    expect(tokens(api, "PATCH /articles/1/")).toEqual(["of-another-application", "fresh"]);
    const [first, second] = api.calls("PATCH /articles/1/");
    expect(second?.body).toEqual(first?.body);
    expect(second?.headers.get("If-Match")).toBe('"1"');
  });

  it("repeats nothing a second time, and nothing that was refused for another reason", async () => {
    document.cookie = "csrftoken=known";
    const api = fakeApi()
      .on("GET /auth/csrf/", () => json({ csrf_token: "fresh" }))
      .on("POST /articles/", () => problem(403, { code: "csrf_failed" }))
      .on("POST /users/", () => problem(403, { code: "permission_denied" }));
    expect((await refusal(request("/articles/", { method: "POST" }))).code).toBe("csrf_failed");
    expect(api.calls("POST /articles/")).toHaveLength(2);
    expect(api.calls("GET /auth/csrf/")).toHaveLength(1);
    expect((await refusal(request("/users/", { method: "POST" }))).code).toBe("permission_denied");
    expect(api.calls("POST /users/")).toHaveLength(1);
  });

  it("reports why no cookie could be had", async () => {
    fakeApi().on("GET /auth/csrf/", () => problem(503, { title: "Not ready" }));
    expect((await refusal(request("/auth/login/", { method: "POST" }))).title).toBe("Not ready");
  });
});

describe("refusals", () => {
  it("carry everything of a problem document", async () => {
    fakeApi().on("GET /articles/", () =>
      problem(400, {
        type: "https://example.com/invalid",
        title: "Invalid input",
        detail: "See the fields.",
        errors: { title: ["Too long.", "No."] },
      }),
    );
    expect(await refusal(request("/articles/"))).toMatchObject({
      status: 400,
      title: "Invalid input",
      detail: "See the fields.",
      requestId: "req-4711",
      retryAt: null,
      fieldErrors: { title: ["Too long.", "No."] },
    });
  });

  it("hold the API's own word for it, and what else it says", async () => {
    fakeApi().on("GET /articles/", () => problem(409, { code: "out_of_stock", left: 2 }));
    expect(await refusal(request("/articles/"))).toMatchObject({ code: "out_of_stock", members: { left: 2 } });
  });

  it("lead with the detail where the title only names the status", async () => {
    fakeApi().on("GET /articles/", () => problem(503, { title: "Service Unavailable", detail: "Try again shortly." }));
    expect(await refusal(request("/articles/"))).toMatchObject({ title: "Try again shortly.", detail: "" });
  });

  it("say when to come back, whether in seconds or as a date", async () => {
    vi.useFakeTimers({ now: new Date("2026-11-01T12:00:00Z"), toFake: ["Date"] });
    const answers = ["30", "Sun, 01 Nov 2026 12:01:00 GMT", "soon"];
    fakeApi().on("GET /articles/", () => problem(429, { retryAfter: answers.shift() ?? "" }));
    expect(await wait()).toBe(Date.now() + 30_000);
    expect(await wait()).toBe(Date.now() + 60_000);
    expect(await wait()).toBeNull();
    vi.useRealTimers();
  });

  it("make sense of what is not JSON, and keep the id of its header", async () => {
    fakeApi().on(
      "GET /articles/",
      () => new Response("<h1>Bad Gateway</h1>", { status: 502, headers: { "X-Request-ID": "edge-1" } }),
    );
    expect(await refusal(request("/articles/"))).toMatchObject({
      status: 502,
      title: "The server has a problem",
      requestId: "edge-1",
    });
  });

  it("tell a missing connection from an answer", async () => {
    fakeApi().on("GET /articles/", () => {
      throw new TypeError("Failed to fetch");
    });
    expect(await refusal(request("/articles/"))).toMatchObject({
      status: 0,
      title: "The server could not be reached",
    });
  });

  it("leave a cancelled request alone", async () => {
    const cancelled = new DOMException("cancelled", "AbortError");
    fakeApi().on("GET /articles/", () => {
      throw cancelled;
    });
    await expect(request("/articles/")).rejects.toBe(cancelled);
  });
});

it("resolves to nothing where the answer has no content", async () => {
  document.cookie = "csrftoken=known";
  fakeApi().on("DELETE /articles/1/", noContent);
  await expect(request("/articles/1/", { method: "DELETE" })).resolves.toBeUndefined();
});
