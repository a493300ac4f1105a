import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

import type { Services } from "../api/context.ts";
import { PageQuery, pageOf } from "../api/pages.ts";
import { etag, expectedVersion, stale } from "../api/preconditions.ts";
import { administratorsOnly, notFound, Problem } from "../api/problems.ts";
import { signedIn } from "./auth-routes.ts";
import { UserChange, UserView, viewUser } from "./schemas.ts";
import { normaliseEmail } from "./user.ts";

const admin = { rules: { access: "admin", limit: "api" } } as const;
const Id = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{24}$" }) });
const Page = Type.Object({ results: Type.Array(UserView), next: Type.Union([Type.String(), Type.Null()]) });

export function adminRoutes({ users, log }: Services): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get("/users", { config: admin, schema: { querystring: PageQuery, response: { 200: Page } } }, async ({ query }) =>
      pageOf(query, ({ after, limit }) => users.list({ after, limit, search: normaliseEmail(query.search ?? "") }), viewUser),
    );

    app.patch(
      "/users/:id",
      { config: admin, schema: { params: Id, body: UserChange, response: { 200: UserView } } },
      async (request, reply) => {
        const { id } = request.params;
        const expected = expectedVersion(request);
        const actorId = signedIn(request).user._id;
        // So there is always one administrator left.
        if (id === actorId)
          throw new Problem(409, "own_account", "Nobody changes his own role: ask another administrator.");
        const present = await users.byId(id);
        if (present === null) throw notFound();
        const { role, active } = request.body;
        const set = {
          ...(role === undefined ? {} : { role }),
          ...(active === undefined ? {} : { active }),
          // Whoever is barred and let in again signs in anew.
          ...(active === false ? { sessionEpoch: present.sessionEpoch + 1 } : {}),
        };
        const changed = present.version === expected ? await users.changeAs(actorId, id, expected, set) : null;
        if (changed === "not_admin") throw administratorsOnly();
        if (changed === null) throw stale(expected, (await users.byId(id))?.version);
        log.info({ user_id: id, actor_id: actorId, role: changed.role, active: changed.active }, "account changed");
        return reply.header("etag", etag(changed.version)).send(viewUser(changed));
      },
    );
  };
}
