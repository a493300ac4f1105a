import { choice, ConfigurationError, type Environment, flag, list, type Rate, rate, text, whole } from "./environment.ts";
import { demandSecret } from "./secret-file.ts";

export interface MongoSettings {
  readonly hosts: readonly string[];
  /** Of one member as well: transactions need one. */
  readonly replicaSet: string;
  readonly database: string;
  readonly user: string;
  readonly passwordFile: string;
  readonly authSource: string;
  readonly authMechanism: "SCRAM-SHA-256" | "SCRAM-SHA-1" | "PLAIN";
  readonly tls: { readonly caFile: string; readonly certificateKeyFile: string | null } | null;
  readonly poolMax: number;
}

export interface RedisSettings {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly passwordFile: string;
}

export interface Settings {
  readonly production: boolean;
  readonly version: string;
  readonly service: string;
  readonly logLevel: string;
  readonly https: boolean;
  readonly port: number;
  readonly listenHosts: readonly string[];
  readonly metrics: { readonly port: number; readonly hosts: readonly string[] } | null;
  /** Entries of X-Forwarded-For that our own proxies wrote, counted from the right. */
  readonly proxies: number;
  readonly sessionSeconds: number;
  readonly rates: { readonly api: Rate; readonly auth: Rate; readonly search: Rate };
  readonly stopSeconds: number;
  readonly workerConcurrency: number;
  readonly sweepSeconds: number;
  readonly requeueAfterSeconds: number;
  readonly heartbeatDir: string;
}

const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;

export function readSettings(env: Environment): Settings {
  const production = choice(env, "APP_ENV", "development", ["production", "development"]) === "production";
  const listenHosts = list(env, "LISTEN_HOST", "127.0.0.1");
  const metricsPort = whole(env, "METRICS_PORT", 0);
  return {
    production,
    version: text(env, "APP_VERSION", "dev"),
    service: text(env, "SERVICE_NAME", "backend"),
    logLevel: choice(env, "LOG_LEVEL", "INFO", LEVELS),
    https: flag(env, "HTTPS", production),
    port: whole(env, "PORT", 8000, 1),
    listenHosts,
    metrics: metricsPort === 0 ? null : { port: metricsPort, hosts: list(env, "METRICS_LISTEN_HOST", listenHosts.join(",")) },
    proxies: whole(env, "NUM_PROXIES", 1),
    sessionSeconds: whole(env, "SESSION_SECONDS", 14 * 24 * 3600, 60),
    rates: {
      api: rate(env, "RATE_LIMIT_API", "100/min"),
      auth: rate(env, "RATE_LIMIT_AUTH", "10/min"),
      search: rate(env, "RATE_LIMIT_SEARCH", "30/min"),
    },
    stopSeconds: whole(env, "GRACEFUL_TIMEOUT", 30, 1),
    workerConcurrency: whole(env, "WORKER_CONCURRENCY", 2, 1),
    sweepSeconds: whole(env, "SWEEP_INTERVAL_SECONDS", 30, 1),
    requeueAfterSeconds: whole(env, "REQUEUE_AFTER_SECONDS", 60, 1),
    heartbeatDir: text(env, "HEARTBEAT_DIR", "/tmp"),
  };
}

export function readMongo(env: Environment): MongoSettings {
  const single = text(env, "MONGO_HOST");
  const hosts = list(env, "MONGO_HOSTS", single === "" ? "" : `${single}:${whole(env, "MONGO_PORT", 27017, 1)}`);
  if (hosts.length === 0) throw new ConfigurationError("MONGO_HOSTS is not set: name the members, such as mongo:27017");
  const database = text(env, "MONGO_DATABASE", "app");
  const caFile = text(env, "MONGO_TLS_CA_FILE");
  const passwordFile = text(env, "MONGO_PASSWORD_FILE", "/run/secrets/mongo_app_password");
  demandSecret("MONGO_PASSWORD_FILE", passwordFile);
  return {
    hosts,
    replicaSet: text(env, "MONGO_REPLICA_SET", "rs0"),
    database,
    user: text(env, "MONGO_USER", "app"),
    passwordFile,
    authSource: text(env, "MONGO_AUTH_SOURCE", database),
    authMechanism: choice(env, "MONGO_AUTH_MECHANISM", "SCRAM-SHA-256", ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]),
    tls: caFile === "" ? null : { caFile, certificateKeyFile: text(env, "MONGO_TLS_CERTIFICATE_KEY_FILE") || null },
    poolMax: whole(env, "MONGO_POOL_MAX", 20, 1),
  };
}

export function readRedis(env: Environment): RedisSettings {
  const host = text(env, "REDIS_HOST");
  if (host === "") throw new ConfigurationError("REDIS_HOST is not set: name the Redis server, such as redis");
  const passwordFile = text(env, "REDIS_PASSWORD_FILE", "/run/secrets/redis_password");
  demandSecret("REDIS_PASSWORD_FILE", passwordFile);
  return { host, port: whole(env, "REDIS_PORT", 6379, 1), user: text(env, "REDIS_USER", "app"), passwordFile };
}
