import { z } from "zod";

/** DNS label: what Compose accepts as a service name and a resolver as a host name. */
export const DNS_LABEL = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const SECRET_NAME = /^[a-z][a-z0-9_]{0,62}$/;
export const ENV_NAME = /^[A-Z][A-Z0-9_]{0,127}$/;
export const OPTION_KEY = /^[a-z][a-zA-Z0-9]{0,39}$/;

export const why = z.string().min(8).describe("One sentence that says why, in words an operator understands.");
export const port = z.int().min(1).max(65535);
export const duration = z.string().regex(/^\d+(ms|s|m|h)$/).describe("A Compose duration: 30s, 2m.");
export const size = z.string().regex(/^\d+[KMG]$/).describe("A Compose size: 64M, 1G.");
export const text = z.string().min(1);

export const when = z
  .string()
  .regex(/^!?[a-z][a-zA-Z0-9]*(=[a-z0-9.-]+)?$/)
  .describe("An option that must hold: `admin`, `!admin`, `tls=modern`.");
