/** For operators: node src/bin/account.ts list | show EMAIL | role EMAIL user|admin | active EMAIL true|false */
import { mongoUsers } from "../accounts/mongo-users.ts";
import { normaliseEmail, ROLES, type User, type Users } from "../accounts/user.ts";
import { readMongo } from "../config/settings.ts";
import { Mongo } from "../mongo/client.ts";

const USAGE = `usage: node src/bin/account.ts list
       node src/bin/account.ts show EMAIL
       node src/bin/account.ts role EMAIL user|admin
       node src/bin/account.ts active EMAIL true|false

Accounts are opened on the website; this says who administers it and who is barred. A barred account is signed out at once.
`;

class Refused extends Error {}

const say = (user: User): void => {
  process.stdout.write(`${user.email}\t${user.role}\t${user.active ? "active" : "barred"}\t${user._id}\n`);
};

async function known(users: Users, email: string): Promise<User> {
  const user = await users.byEmail(normaliseEmail(email));
  if (user === null) throw new Refused(`no account has the address ${email}: open it on the website, or see: account.ts list`);
  return user;
}

function setOf(command: string, value: string, user: User): Parameters<Users["change"]>[2] | null {
  const role = ROLES.find((one) => one === value);
  if (command === "role" && role !== undefined) return { role };
  if (command === "active" && (value === "true" || value === "false"))
    return { active: value === "true", sessionEpoch: user.sessionEpoch + 1 };
  return null;
}

async function main(users: Users, [command = "", email = "", value = ""]: readonly string[]): Promise<number> {
  if (command === "list") {
    for (let after: string | null = null; ; ) {
      const page: readonly User[] = await users.list({ after, limit: 100, search: "" });
      page.forEach(say);
      after = page.at(-1)?._id ?? null;
      if (after === null) return 0;
    }
  }
  if (command === "show" && email !== "") {
    say(await known(users, email));
    return 0;
  }
  if ((command === "role" || command === "active") && email !== "") {
    const user = await known(users, email);
    const set = setOf(command, value, user);
    if (set !== null) {
      const changed = await users.change(user._id, user.version, set);
      if (changed === null) throw new Refused(`${email} was changed at this very moment: run it again`);
      say(changed);
      return 0;
    }
  }
  process.stderr.write(USAGE);
  return 2;
}

const words = process.argv.slice(2);
if (words.length === 0 || words.includes("--help") || words.includes("-h")) {
  process.stdout.write(USAGE);
  process.exit(words.length === 0 ? 2 : 0);
}
const mongo = new Mongo(readMongo(process.env), "account");
let code = 1;
try {
  code = await main(mongoUsers(mongo), words);
} catch (error) {
  process.stderr.write(`account: ${(error as Error).message}\n`);
} finally {
  await mongo.close();
}
process.exit(code);
