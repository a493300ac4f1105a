import type { FastifyReply } from "fastify";

export interface CookieSettings {
  readonly https: boolean;
  readonly sessionSeconds: number;
}

/** Browsers accept a __Host- cookie only over HTTPS, for this host and the whole path. */
export const cookieNames = (https: boolean): { readonly session: string; readonly csrf: string } => ({
  session: https ? "__Host-sessionid" : "sessionid",
  // The page reads this one by its name, and sends it back as a header.
  csrf: "csrftoken",
});

export function setSession(reply: FastifyReply, settings: CookieSettings, token: string, csrf: string): void {
  const { session } = cookieNames(settings.https);
  reply.setCookie(session, token, { ...base(settings), httpOnly: true });
  setCsrf(reply, settings, csrf);
}

export function setCsrf(reply: FastifyReply, settings: CookieSettings, csrf: string): void {
  reply.setCookie(cookieNames(settings.https).csrf, csrf, base(settings));
}

export function clearSession(reply: FastifyReply, settings: CookieSettings): void {
  const { session, csrf } = cookieNames(settings.https);
  for (const name of [session, csrf]) reply.clearCookie(name, base(settings));
}

const base = ({ https, sessionSeconds }: CookieSettings) =>
  ({ path: "/", secure: https, sameSite: "lax", maxAge: sessionSeconds }) as const;
