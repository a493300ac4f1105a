/** Collections, validators and indexes, before anything uses them; as the user that may change them. */
import { readMongo, readSettings } from "../config/settings.ts";
import { Mongo } from "../mongo/client.ts";
import { migrate } from "../mongo/migrate.ts";
import { start } from "../ops/process.ts";

await start(async (log) => {
  const mongo = new Mongo(readMongo(process.env), readSettings(process.env).service);
  try {
    await migrate(mongo, log);
  } finally {
    await mongo.close();
  }
});
