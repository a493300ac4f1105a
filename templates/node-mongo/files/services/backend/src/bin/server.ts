/** The API. Stateless: any number of copies may run. */
import { mongoUsers } from "../accounts/mongo-users.ts";
import { makeApp } from "../api/app.ts";
import { readMongo, readRedis, readSettings } from "../config/settings.ts";
import { Mongo } from "../mongo/client.ts";
import { closeAll, listenOn } from "../ops/listen.ts";
import { makeMetrics } from "../ops/metrics.ts";
import { start, untilStopped } from "../ops/process.ts";
import { makeRedis } from "../redis/client.ts";
import { redisRateCounter } from "../redis/rate-counter.ts";
import { redisSessions } from "../redis/sessions.ts";
import { mongoTickets } from "../tickets/mongo-tickets.ts";
import { openQueue } from "../tickets/queue.ts";

await start(async (log) => {
  const settings = readSettings(process.env);
  const stopped = untilStopped();
  const mongo = new Mongo(readMongo(process.env), settings.service);
  const redis = makeRedis(readRedis(process.env), log, "visitor");
  // Not awaited: without Redis the service is there, and unhealthy.
  void redis.connect().catch(() => {});
  const queue = openQueue(redis);
  const metrics = makeMetrics();
  const app = makeApp({
    settings,
    log,
    metrics,
    users: mongoUsers(mongo),
    tickets: mongoTickets(mongo),
    sessions: redisSessions(redis, settings.sessionSeconds),
    rates: redisRateCounter(redis, log),
    queue,
    checks: {
      database: () => mongo.ping(),
      // A write, because a full or read-only Redis still answers a PING.
      cache: () => redis.set(`health:${process.pid}`, String(Date.now()), { expiration: { type: "EX", value: 30 } }),
    },
  });
  await app.ready();
  const servers = [...(await listenOn(settings.listenHosts, settings.port, app.routing))];
  if (settings.metrics !== null) {
    servers.push(
      ...(await listenOn(settings.metrics.hosts, settings.metrics.port, (_request, response) => {
        void metrics.registry.metrics().then((text) => response.setHeader("content-type", metrics.registry.contentType).end(text));
      })),
    );
  }
  log.info({ hosts: settings.listenHosts, port: settings.port }, "listening");

  log.info(`${await stopped}: answering what has been asked, then ending`);
  app.stopSoon();
  await closeAll(servers, settings.stopSeconds);
  await app.close();
  await queue.close();
  redis.destroy();
  await mongo.close();
  log.info("ended");
});
