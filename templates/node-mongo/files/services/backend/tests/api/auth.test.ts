import { describe, expect, it } from "vitest";

import { makeSite, PASSWORD } from "../fakes/site.ts";

const ADA = { email: "Ada@Example.com ", password: PASSWORD };

async function visitor(site = makeSite()) {
  const call = site.visitor();
  await call("GET /auth/csrf/");
  return { ...site, call };
}

describe("registering and signing in", () => {
  it("opens an account with one spelling of its address, and a session", async () => {
    const { call, redis } = await visitor();
    expect((await call("POST /auth/register/", { body: { email: "Ada@example.com", password: PASSWORD } })).status).toBe(202);
    const login = await call("POST /auth/login/", { body: { email: ADA.email, password: PASSWORD } });
    expect(login).toMatchObject({ status: 200, data: { email: "ada@example.com", role: "user" } });
    expect(login.data.csrf_token).toEqual(expect.any(String));
    const cookie = String(login.headers["set-cookie"]);
    expect(cookie).toMatch(/sessionid=[\w-]{43}; .*HttpOnly.*SameSite=Lax/);
    expect((await call("GET /auth/me/")).data.email).toBe("ada@example.com");
    expect(redis.sessions.size).toBe(1);
    expect((await call("POST /auth/logout/")).status).toBe(204);
    expect((await call("GET /auth/me/")).status).toBe(401);
    expect(redis.sessions.size).toBe(0);
  });

  it("answers the same whether or not an address has an account", async () => {
    const { call, account } = await visitor();
    await account("known@example.com");
    const answers = await Promise.all(
      ["known@example.com", "new@example.com"].map((email) => call("POST /auth/register/", { body: { email, password: PASSWORD } })),
    );
    expect(answers.map(({ status, data }) => [status, data])).toEqual([
      [202, answers[0]?.data],
      [202, answers[0]?.data],
    ]);
    for (const email of ["known@example.com", "nobody@example.com"])
      expect((await call("POST /auth/login/", { body: { email, password: "wrong-password-here" } })).data).toMatchObject({
        status: 401,
        code: "invalid_credentials",
      });
  });

  it.each([
    ["short", "At least 12 characters."],
    ["123456789012", "Not only digits."],
    ["password-password", "Too easy to guess."],
    ["lovelace-forever", "Too similar to the address."],
  ])("refuses the password %s", async (password, why) => {
    const { call } = await visitor();
    const answer = await call("POST /auth/register/", { body: { email: "lovelace@example.com", password } });
    expect(answer.status).toBe(400);
    expect(answer.data.errors.password).toContain(why);
  });

  it("names each field that is wrong", async () => {
    const { call } = await visitor();
    const { data, headers } = await call("POST /auth/register/", { body: { email: "nobody", role: "admin" } });
    expect(headers["content-type"]).toContain("application/problem+json");
    expect(Object.keys(data.errors).toSorted()).toEqual(["email", "password", "role"]);
    expect(data.request_id).toBe(headers["x-request-id"]);
  });

  it("makes a __Host- cookie where visitors come by HTTPS", async () => {
    const plain = makeSite();
    const { call, account } = await visitor(makeSite({ settings: { ...plain.services.settings, https: true } }));
    await account("ada@example.com");
    const login = await call("POST /auth/login/", { body: { email: "ada@example.com", password: PASSWORD } });
    expect(String(login.headers["set-cookie"])).toMatch(/__Host-sessionid=[^;]+;.*Path=\/;.*HttpOnly; Secure/);
  });
});

describe("sessions", () => {
  it("end at once when the account is barred", async () => {
    const { client, services } = makeSite();
    const { call, user } = await client();
    expect((await call("GET /auth/me/")).status).toBe(200);
    await services.users.change(user._id, 1, { active: false });
    expect((await call("GET /auth/me/")).status).toBe(401);
    expect((await call("GET /auth/csrf/")).status).toBe(200);
  });

  it("of other browsers end when the password changes, and one's own goes on", async () => {
    const { client } = makeSite();
    const here = await client();
    const there = await client();
    const wrong = await here.call("PUT /auth/password/", { body: { current: "wrong", password: "another-long-secret-1" } });
    expect(wrong.data.errors).toHaveProperty("current");
    const changed = await here.call("PUT /auth/password/", { body: { current: PASSWORD, password: "another-long-secret-1" } });
    expect(changed.status).toBe(200);
    expect((await here.call("GET /auth/me/")).status).toBe(200);
    expect((await there.call("GET /auth/me/")).status).toBe(401);
  });

  it("get a new name at login: one that somebody planted is worth nothing", async () => {
    const { client, redis } = makeSite();
    const { call } = await client();
    const before = [...redis.sessions.keys()];
    await call("POST /auth/login/", { body: { email: "ada@example.com", password: PASSWORD } });
    expect([...redis.sessions.keys()]).toHaveLength(1);
    expect(before).not.toContain([...redis.sessions.keys()][0]);
  });
});

describe("the cookies of a session", () => {
  it("last as long as it is used: each look at one's own account sets them anew", async () => {
    const { client, redis } = makeSite();
    const { call } = await client();
    const [token] = [...redis.sessions.keys()];
    const cookies = (await call("GET /auth/me/")).headers["set-cookie"];
    expect(cookies).toEqual([
      expect.stringMatching(new RegExp(`^sessionid=${token}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax$`)),
      expect.stringMatching(/^csrftoken=csrf-of-the-test; Max-Age=3600; Path=\/; SameSite=Lax$/),
    ]);
    expect((await makeSite().visitor()("GET /auth/me/")).headers["set-cookie"]).toBeUndefined();
  });
});

describe("CSRF", () => {
  it.each([false, true])("a page that lost its session's token gets it back, HTTPS: %s", async (https) => {
    const { services, client, app, redis } = makeSite({ settings: { ...makeSite().services.settings, https } });
    await client();
    const [token = ""] = [...redis.sessions.keys()];
    const session = https ? "__Host-sessionid" : "sessionid";
    const ask = (method: "GET" | "POST", path: string, csrf: string) =>
      app.inject({ method, url: `/api/v1${path}`, cookies: { [session]: token, csrftoken: csrf }, headers: { "x-csrftoken": csrf } });
    const refused = await ask("POST", "/auth/logout/", "of-a-session-before");
    expect([refused.statusCode, refused.json().code]).toEqual([403, "csrf_failed"]);
    const given = await ask("GET", "/auth/csrf/", "of-a-session-before");
    expect(given.json()).toEqual({ csrf_token: "csrf-of-the-test" });
    expect(given.cookies).toEqual([
      { name: "csrftoken", value: "csrf-of-the-test", maxAge: services.settings.sessionSeconds, path: "/", sameSite: "Lax", ...(https ? { secure: true } : {}) },
    ]);
    expect((await ask("POST", "/auth/logout/", given.json().csrf_token)).statusCode).toBe(204);
  });

  it("is asked of every change, the login included", async () => {
    const { visitor: fresh, client } = makeSite();
    expect((await fresh()("POST /auth/login/", { body: ADA })).data.code).toBe("csrf_failed");
    const { call } = await client();
    const body = { title: "T", body: "B" };
    expect((await call("POST /tickets/", { body, headers: { "x-csrftoken": "of-another-site" } })).status).toBe(403);
    expect((await call("POST /tickets/", { body })).status).toBe(201);
    for (const [origin, status] of [
      ["http://localhost:8080", 201],
      ["https://evil.example", 403],
      ["null", 403],
    ] as const)
      expect([origin, (await call("POST /tickets/", { body, headers: { origin } })).status]).toEqual([origin, status]);
  });
});

describe("administrators", () => {
  it("see accounts and change roles, from the version they read", async () => {
    const { client, account } = makeSite();
    const user = await account("user@example.com");
    const { call } = await client("root@example.com", "admin");
    const list = await call("GET /admin/users/?search=USER@");
    expect(list.data.results.map((one: { email: string }) => one.email)).toEqual(["user@example.com"]);
    const path = `/admin/users/${user._id}/`;
    expect((await call(`PATCH ${path}`, { body: { role: "admin" } })).status).toBe(428);
    const changed = await call(`PATCH ${path}`, { body: { role: "admin" }, headers: { "if-match": '"1"' } });
    expect(changed).toMatchObject({ status: 200, data: { role: "admin", version: 2 } });
    expect(changed.headers["etag"]).toBe('"2"');
    expect((await call(`PATCH ${path}`, { body: { role: "user" }, headers: { "if-match": '"1"' } })).data).toMatchObject({
      status: 412,
      current_version: 2,
    });
  });

  it("who demote each other at once leave one", async () => {
    const { client, services } = makeSite();
    const [ada, eve] = [await client("ada@example.com", "admin"), await client("eve@example.com", "admin")];
    const demote = (by: typeof ada, whom: typeof ada) =>
      by.call(`PATCH /admin/users/${whom.user._id}/`, { body: { role: "user" }, headers: { "if-match": '"1"' } });
    const answers = await Promise.all([demote(ada, eve), demote(eve, ada)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403]);
    expect(answers.find(({ status }) => status === 403)?.data.code).toBe("permission_denied");
    const roles = (await services.users.list({ after: null, limit: 5, search: "" })).map(({ role }) => role);
    expect(roles.toSorted()).toEqual(["admin", "user"]);
  });

  it("cannot shut themselves out, and nobody else may", async () => {
    const { client } = makeSite();
    const root = await client("root@example.com", "admin");
    const own = `/admin/users/${root.user._id}/`;
    expect((await root.call(`PATCH ${own}`, { body: { role: "user" }, headers: { "if-match": '"1"' } })).status).toBe(409);
    const user = await client("user@example.com");
    expect((await user.call("GET /admin/users/")).status).toBe(403);
    expect((await user.call(`PATCH ${own}`, { body: { active: false }, headers: { "if-match": '"1"' } })).status).toBe(403);
    expect((await makeSite().visitor()("GET /admin/users/")).status).toBe(401);
  });
});
