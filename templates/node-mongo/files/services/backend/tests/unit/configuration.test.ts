import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { flag, rate, whole } from "../../src/config/environment.ts";
import { demandSecret, secretValues } from "../../src/config/secret-file.ts";
import { readMongo, readRedis, readSettings } from "../../src/config/settings.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "secrets-"));
});
afterEach(() => rmSync(dir, { recursive: true }));
const secret = (text: string, name = "password"): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

describe("settings", () => {
  it("take an empty variable as one that is not set, and refuse nonsense by name", () => {
    expect(readSettings({ PORT: "", LOG_LEVEL: "" })).toMatchObject({ port: 8000, logLevel: "INFO", https: false, metrics: null });
    expect(() => whole({ PORT: "8e3" }, "PORT", 1)).toThrow("PORT='8e3' must be a whole number");
    expect(() => flag({ HTTPS: "maybe" }, "HTTPS", true)).toThrow("HTTPS='maybe' must be true or false");
    expect(() => readSettings({ LOG_LEVEL: "LOUD" })).toThrow("DEBUG, INFO, WARNING, ERROR");
    expect(rate({ R: "30/min" }, "R", "1/s")).toEqual({ limit: 30, seconds: 60 });
    expect(() => rate({ R: "0/min" }, "R", "1/s")).toThrow("must look like 100/min");
  });

  it("listen where they are told, figures as well", () => {
    const { listenHosts, metrics } = readSettings({ LISTEN_HOST: "backend.app", METRICS_PORT: "9101", METRICS_LISTEN_HOST: "backend.app-metrics" });
    expect(listenHosts).toEqual(["backend.app"]);
    expect(metrics).toEqual({ port: 9101, hosts: ["backend.app-metrics"] });
  });

  it("know one member, three members, and TLS", () => {
    const MONGO_PASSWORD_FILE = secret("word\n");
    const one = readMongo({ MONGO_PASSWORD_FILE, MONGO_HOST: "mongo", MONGO_PORT: "27018" });
    expect(one).toMatchObject({ hosts: ["mongo:27018"], replicaSet: "rs0", tls: null, authSource: "app" });
    const three = readMongo({ MONGO_PASSWORD_FILE, MONGO_HOST: "mongo", MONGO_HOSTS: "a:1, b:2,c:3", MONGO_TLS_CA_FILE: "/run/tls/ca.crt" });
    expect(three).toMatchObject({ hosts: ["a:1", "b:2", "c:3"], tls: { caFile: "/run/tls/ca.crt", certificateKeyFile: null } });
    expect(() => readMongo({ MONGO_PASSWORD_FILE })).toThrow("MONGO_HOSTS is not set");
  });

  it("end the process at its start when a secret is missing, with the mend", () => {
    expect(() => readRedis({ REDIS_HOST: "redis", REDIS_PASSWORD_FILE: join(dir, "none") })).toThrow(/does not exist: run ops\/secrets init/);
    expect(() => demandSecret("X_FILE", secret(" \n\n"))).toThrow(/is empty/);
  });
});

it("a secret file under rotation holds two values, the one to use first", () => {
  expect(secretValues(secret("old\nnew"))).toEqual(["old", "new"]);
  // The shorter of two values is padded with line ends.
  expect(secretValues(secret("new\n\n\n\n"))).toEqual(["new"]);
});
