import { z } from "zod";

export const why = z.string().min(8).describe("One sentence that says why, in words an operator understands.");
export const port = z.int().min(1).max(65535);
export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h)$/)
  .describe("A Compose duration: 30s, 2m.");
export const size = z
  .string()
  .regex(/^\d+[KMG]$/)
  .describe("A Compose size: 64M, 1G.");
export const text = z.string().min(1);

export const when = z
  .string()
  .regex(/^!?[a-z][a-zA-Z0-9]*(=[a-z0-9.-]+)?$/)
  .describe("An option that must hold: `admin`, `!admin`, `tls=modern`.");
