import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";

import type { Services, SignedIn } from "../api/context.ts";
import { clearSession, cookieNames, setCsrf, setSession } from "../api/cookies.ts";
import { invalid, Problem } from "../api/problems.ts";
import { randomToken } from "../redis/sessions.ts";
import { makeUser } from "./make.ts";
import { hashPassword, passwordProblems, verifyPassword } from "./password.ts";
import { Credentials, NewPassword, Registration, SessionView, UserView, viewUser } from "./schemas.ts";
import { normaliseEmail, type User } from "./user.ts";

const open = { rules: { access: "public", limit: "api" } } as const;
/** Where passwords are tried: counted per address. */
const tried = { rules: { access: "public", limit: "auth" } } as const;
const own = { rules: { access: "user", limit: "api" } } as const;
const ownTried = { rules: { access: "user", limit: "auth" } } as const;

export function authRoutes({ settings, users, sessions, log }: Services): FastifyPluginAsyncTypebox {
  async function start(request: FastifyRequest, reply: FastifyReply, user: User): Promise<string> {
    // A session of before is over, and with it what somebody may know of it.
    const before = request.cookies[cookieNames(settings.https).session];
    if (before !== undefined) await sessions.end(before);
    const csrf = randomToken();
    const token = await sessions.open({ userId: user._id, epoch: user.sessionEpoch, csrf });
    setSession(reply, settings, token, csrf);
    return csrf;
  }

  return async (app) => {
    app.get("/csrf", { config: open, schema: { response: { 200: Type.Object({ csrf_token: Type.String() }) } } }, async (request, reply) => {
      const csrf = request.signedIn?.session.csrf ?? request.cookies[cookieNames(settings.https).csrf] ?? randomToken();
      setCsrf(reply, settings, csrf);
      return { csrf_token: csrf };
    });

    // The same answer, after the same time, whether or not the address has an account.
    app.post(
      "/register",
      { config: tried, schema: { body: Registration, response: { 202: Type.Object({ detail: Type.String() }) } } },
      async ({ body }, reply) => {
        const email = normaliseEmail(body.email);
        const problems = passwordProblems(body.password, email);
        if (problems.length > 0) throw invalid({ password: problems });
        const user = makeUser({ email, displayName: body.display_name ?? "", passwordHash: await hashPassword(body.password) });
        if (await users.insert(user)) log.info({ user_id: user._id }, "account opened");
        return reply.code(202).send({ detail: "If the address had no account, it has one now. Sign in with it." });
      },
    );

    app.post("/login", { config: tried, schema: { body: Credentials, response: { 200: SessionView } } }, async (request, reply) => {
      const user = await users.byEmail(normaliseEmail(request.body.email));
      // Hashes for an unknown address as well, so timing tells nothing.
      const right = await verifyPassword(request.body.password, user?.passwordHash ?? null);
      if (!right || user === null || !user.active) throw new Problem(401, "invalid_credentials", "Email or password is wrong.");
      return { ...viewUser(user), csrf_token: await start(request, reply, user) };
    });

    app.post("/logout", { config: open }, async (request, reply) => {
      if (request.signedIn !== null) await sessions.end(request.signedIn.token);
      clearSession(reply, settings);
      return reply.code(204).send();
    });

    app.get("/me", { config: own, schema: { response: { 200: UserView } } }, async (request, reply) => {
      const { user, session, token } = signedIn(request);
      // A session that is used goes on, and its cookies must not end before it: a page asks this whenever it is opened.
      setSession(reply, settings, token, session.csrf);
      return viewUser(user);
    });

    app.put("/password", { config: ownTried, schema: { body: NewPassword, response: { 200: SessionView } } }, async (request, reply) => {
      const { user } = signedIn(request);
      const { current, password } = request.body;
      if (!(await verifyPassword(current, user.passwordHash))) throw invalid({ current: ["That is not your password."] });
      const problems = passwordProblems(password, user.email);
      if (problems.length > 0) throw invalid({ password: problems });
      const set = { passwordHash: await hashPassword(password), sessionEpoch: user.sessionEpoch + 1 };
      const changed = await users.change(user._id, user.version, set);
      if (changed === null) throw new Problem(409, "conflict", "The account was changed in the meantime. Try again.");
      log.info({ user_id: user._id }, "password changed: every other session is over");
      return { ...viewUser(changed), csrf_token: await start(request, reply, changed) };
    });
  };
}

export function signedIn(request: FastifyRequest): SignedIn {
  if (request.signedIn === null) throw new Problem(401, "not_authenticated", "Sign in first."); // the guard has seen to it
  return request.signedIn;
}
