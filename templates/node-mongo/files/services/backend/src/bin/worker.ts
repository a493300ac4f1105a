/** The background jobs. Any number of copies may run; a killed one's jobs go to another. */
import { readMongo, readRedis, readSettings } from "../config/settings.ts";
import { Mongo } from "../mongo/client.ts";
import { beatHeart, heartbeatPath, stopHeart } from "../ops/heartbeat.ts";
import { start, untilStopped } from "../ops/process.ts";
import { withRequestId } from "../ops/request-context.ts";
import { makeRedis, within } from "../redis/client.ts";
import { mongoTickets } from "../tickets/mongo-tickets.ts";
import { openQueue, takeJobs } from "../tickets/queue.ts";
import { runTriage, sweep } from "../tickets/triage-jobs.ts";

const HEARTBEAT_MS = 5_000;

await start(async (log) => {
  const settings = readSettings(process.env);
  const stopped = untilStopped();
  const mongo = new Mongo(readMongo(process.env), settings.service);
  const tickets = mongoTickets(mongo);
  const redis = makeRedis(readRedis(process.env), log, "worker");
  const sender = makeRedis(readRedis(process.env), log, "visitor");
  await Promise.all([redis.connect(), sender.connect()]);
  const queue = openQueue(sender);

  const jobs = takeJobs(
    redis,
    settings.workerConcurrency,
    (job, attempt) =>
      withRequestId(job.requestId ?? `sweep-${job.ticketId}`, async () => {
        const began = performance.now();
        const outcome = await runTriage(tickets, job);
        const facts = { ticket_id: job.ticketId, ticket_version: job.version, attempt, duration_ms: Math.round(performance.now() - began) };
        log.info(facts, `triage ${outcome}`);
        return outcome;
      }),
    ({ job, attempt, error }) =>
      log.error({ err: error, request_id: job.requestId, ticket_id: job.ticketId, ticket_version: job.version, attempt }, "triage failed"),
  );

  const heartbeat = heartbeatPath(settings.heartbeatDir, "worker");
  const beat = setInterval(() => {
    if (!jobs.running()) return;
    // The one that sends fails at once when Redis is away; the one that takes jobs waits for it.
    void within(3_000, "Redis", sender.ping()).then(
      () => beatHeart(heartbeat),
      (err: unknown) => log.warn({ err }, "no heartbeat: Redis does not answer"),
    );
  }, HEARTBEAT_MS);
  beatHeart(heartbeat);

  let sweeping: Promise<void> | null = null;
  const sweepOnce = async (): Promise<void> => {
    try {
      const swept = await sweep(tickets, queue, settings.requeueAfterSeconds * 1000, log);
      if (Object.values(swept).some((count) => count > 0)) log.info({ ...swept }, "swept");
    } catch (err) {
      log.warn({ err }, "not swept, again later");
    }
    sweeping = null;
  };
  const sweeps = setInterval(() => (sweeping ??= sweepOnce()), settings.sweepSeconds * 1000);
  log.info({ concurrency: settings.workerConcurrency }, "taking jobs");

  log.info(`${await stopped}: finishing what is running, then ending`);
  clearInterval(beat);
  clearInterval(sweeps);
  stopHeart(heartbeat);
  await jobs.close();
  await sweeping;
  await queue.close();
  redis.destroy();
  sender.destroy();
  await mongo.close();
  log.info("ended");
});
