/// <reference lib="dom" />
import { afterAll, beforeAll, expect, it } from "vitest";

import type { Person } from "../apps/application.ts";
import { openBrowser, signIn } from "../lib/browser.ts";
import { Project } from "../lib/project.ts";
import { run, until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const TICKETS = "/api/v1/tickets/";

// What only this application promises.
stacksWith("tickets", stack.id === "node-mongo").describe("the Node application, by itself", () => {
  let ada: Person;
  let eve: Person;
  beforeAll(async () => {
    [ada, eve] = (await application.signIn(project, 2, "node")) as [Person, Person];
  });

  const ask = async (person: Person, method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await project.edge().call(path, { method, headers: { ...person.headers, ...headers }, ...(body === undefined ? {} : { body }) });
    return { ...answer, data: (answer.body === "" ? null : JSON.parse(answer.body)) as any };
  };
  const open = async (title: string, body = "Urgent: the password is denied.") => {
    const made = await ask(ada, "POST", TICKETS, { title, body });
    expect(made.status, made.body).toBe(201);
    return { id: String(made.data.id), path: `${TICKETS}${made.data.id}/` };
  };
  const account = (...words: readonly string[]) => project.compose(["exec", "-T", "backend", "node", "src/bin/account.ts", ...words]);

  it("PLAT-4 a ticket and its history are one write: of many at once one is taken, the others get 412 and leave nothing", async () => {
    const { path } = await open("Race");
    const read = await until(
      () => ask(ada, "GET", path),
      ({ data }) => data.triage.state === "done",
      30_000,
    );
    expect(read.data.triage).toMatchObject({ labels: ["access"], urgency: "high", word_count: 5 });
    expect(read.headers["etag"]).toBe('"1"');
    expect((await ask(ada, "PATCH", path, { state: "closed" })).status).toBe(428);
    const writes = await Promise.all(
      Array.from({ length: 8 }, (_, number) => ask(ada, "PATCH", path, { title: `Race ${number}` }, { "if-match": '"1"' })),
    );
    expect(writes.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412, 412, 412, 412, 412]);
    expect(writes.find(({ status }) => status === 412)?.headers["content-type"]).toContain("application/problem+json");
    expect((await ask(ada, "PATCH", path, { title: "Later, from what was read before" }, { "if-match": '"1"' })).status).toBe(412);
    const winner = writes.find(({ status }) => status === 200)?.data;
    expect((await ask(ada, "GET", path)).data).toMatchObject({ title: winner.title, version: 2 });
    const history = (await ask(ada, "GET", `${path}events/`)).data.results;
    expect(history.filter(({ kind }: { kind: string }) => kind === "changed")).toEqual([
      expect.objectContaining({ version: 2, changes: [{ field: "title", from: "Race", to: winner.title }] }),
    ]);
  });

  it("PLAT-4 words are found by their beginning, and pages follow a cursor", async () => {
    for (const number of [1, 2, 3]) await open(`Überlauf ${number}`, "The pump number seven.");
    const first = await ask(ada, "GET", `${TICKETS}?search=UBERL%20sev&limit=2`);
    expect(first.data.results.map(({ title }: { title: string }) => title)).toEqual(["Überlauf 3", "Überlauf 2"]);
    const second = await ask(ada, "GET", `${TICKETS}?search=uberl&limit=2&cursor=${first.data.next}`);
    expect([second.data.results.length, second.data.next]).toEqual([1, null]);
    expect((await ask(ada, "GET", `${TICKETS}?search=berlauf`)).data.results).toEqual([]);
    expect((await ask(eve, "GET", `${TICKETS}?search=uberl`)).data.results, "somebody else's").toEqual([]);
  });

  it("PLAT-4 an administrator is made on the server, sees all, and a barred account is out at once", async () => {
    const { path } = await open("Not Eve's");
    expect((await ask(eve, "GET", path)).status).toBe(404);
    expect((await ask(eve, "GET", "/api/v1/admin/users/")).status).toBe(403);
    const made = await account("role", "node-1@example.com", "admin");
    expect(made.code, made.err).toBe(0);
    expect((await ask(eve, "GET", path)).status).toBe(200);
    const users = await ask(eve, "GET", "/api/v1/admin/users/?search=node-0@");
    expect(users.data.results).toHaveLength(1);
    const barred = await ask(
      eve,
      "PATCH",
      `/api/v1/admin/users/${users.data.results[0].id}/`,
      { active: false },
      { "if-match": `"${users.data.results[0].version}"` },
    );
    expect(barred.status, barred.body).toBe(200);
    expect((await ask(ada, "GET", path)).status).toBe(401);
    expect((await account("active", "node-0@example.com", "true")).code).toBe(0);
    expect((await account("role", "nobody@example.com", "admin")).err).toContain("no account has the address");
    [ada] = (await application.signIn(project, 1, "node")) as [Person];
    expect((await ask(ada, "GET", path)).status).toBe(200);
  });

  it("HARD-2 what the tests in memory rely on holds on the running replica set, transactions included", { timeout: 300_000 }, async () => {
    const tag = `${project.name}/backend:test`;
    const built = await run("docker", ["build", "--quiet", "--target", "test", "--tag", tag, "services/backend"], {
      cwd: project.dir,
      timeout: 280_000,
      env: { DOCKER_BUILDKIT: "1" },
    });
    expect(built.code, built.err.slice(-3000)).toBe(0);
    const variables = Object.entries({
      MONGO_AUTH_SOURCE: "admin",
      MONGO_CONTRACT: "yes",
      MONGO_HOSTS: "mongo:27017",
      MONGO_PASSWORD_FILE: "/run/secrets/mongo_app_password",
    }).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const secret = `${project.dir}/secrets/mongo_app_password:/run/secrets/mongo_app_password:ro`;
    const network = `${project.name}_backend-network`;
    const ran = await run(
      "docker",
      ["run", "--rm", "--network", network, "--volume", secret, "--tmpfs", "/tmp", ...variables, tag].concat(
        ["npx", "vitest", "run", "--configLoader", "runner", "tests/contract/server.test.ts"], // what is asked of a real server
      ),
      { timeout: 240_000 },
    );
    expect(ran.code, (ran.out + ran.err).slice(-4000)).toBe(0);
    expect(ran.out).toContain(`${application.onServer?.["backend"]} passed`);
  });
});

stacksWith("tickets", stack.id === "node-mongo").describe("the tickets, in a real browser", () => {
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  const base = `https://localhost:${stack.ports.https}`;
  beforeAll(async () => {
    browser = await openBrowser(project);
    const [person] = (await application.signIn(project, 1, "browser")) as [Person];
    await signIn(browser.context, person);
  });
  afterAll(() => browser?.close());

  it("PLAT-4 one is written and read by the worker; who saves second decides, and nothing is lost", { timeout: 120_000 }, async () => {
    const page = await browser.context.newPage();
    await page.goto(`${base}/tickets/new`, { timeout: 60_000 });
    await page.getByLabel("Title").fill("Slow export");
    await page.getByLabel("What happens").fill("It hangs.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("performance", { exact: true }).waitFor({ timeout: 30_000 });
    const address = page.url();

    const other = await browser.context.newPage();
    for (const one of [page, other]) {
      await one.goto(`${address}/edit`);
      await one.getByLabel("Title").waitFor();
    }
    await other.getByLabel("Title").fill("Their title");
    await other.getByRole("button", { name: "Save changes" }).click();
    await other.getByRole("heading", { name: "Their title" }).waitFor();

    await page.getByLabel("Title").fill("My title");
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("This ticket was changed while you were editing").waitFor();
    expect(await page.getByLabel("Title").inputValue()).toBe("My title");
    expect(await page.locator(".theirs-title").innerText()).toBe("Their title");
    await page.getByRole("button", { name: "Keep my text" }).click();
    await page.getByRole("heading", { name: "My title" }).waitFor();
    await page.getByText("title: Their title → My title").waitFor();

    await page.goto(`${base}/tickets`);
    await page.getByLabel("Search").fill("hang");
    await page.getByRole("link", { name: "My title" }).waitFor();
    await page.getByLabel("Search").fill("nothing of the kind");
    await page.getByText("Nothing found. Try fewer or other words.").waitFor();
  });
});
