import { randomBytes } from "node:crypto";
import { Agent } from "node:https";
import { afterAll, beforeAll, expect, it } from "vitest";

import { seedDefect } from "../../defects/apply.ts";
import type { Person } from "../apps/application.ts";
import { Project } from "../lib/project.ts";
import { must, run } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const ports = { http: stack.ports.http + 6, https: stack.ports.https + 6 };
const LONG = { timeout: 900_000 };
const PRODUCT = 900_500;
const STOCK = 500;
const CHECKOUTS = Number(process.env["E2E_CHECKOUTS"] ?? "2000");
const VICTIMS = ["product-api", "payment-api", "order-api", "product-db", "order-db"];
/** Longer than ORDER_GIVE_UP_SECONDS: by then each order must have ended one way or the other. */
const PATIENCE = 900_000;

interface Order {
  readonly id: string;
  readonly state: string;
  readonly final: boolean;
}

stacksWith("orders", stack.id === "ecommerce-microservices").describe(
  "checkouts while services die, on a stack of its own without rate limits",
  () => {
    let project: Project;
    let people: readonly Person[];
    const agent = new Agent({ keepAlive: true, maxSockets: CHECKOUTS });
    const column = async (word: string, sql: string) => (await project.sqlAt(word, sql)).trim();

    beforeAll(async () => {
      const name = `${stack.instance}-checkouts`;
      await Project.open(name, ports).destroy();
      project = await Project.scaffold(stack.id, name, ports);
      seedDefect(project, "checkouts");
      project.patch("nginx/plan/limits.conf", /rate=\d+r\/m/g, "rate=60000r/m");
      project.patch("nginx/plan/locations.conf", /burst=\d+/g, "burst=20000");
      // All of them come from one address here, and the edge bounds what one address may have open.
      project.patch("nginx/common/site.conf", /limit_conn connections \d+;/, `limit_conn connections ${CHECKOUTS * 2};`);
      project.patch("nginx/common/main.conf", "worker_connections 1024;", "worker_connections 8192;");
      project.setEverywhere(application.unlimited);
      project.configure({ HEALTH_INTERVAL: "5s" });
      const up = await project.ops("up", ["--production", "--build"], LONG);
      expect(up.code, up.out.slice(-4000) + up.err.slice(-4000)).toBe(0);
      people = await application.signIn(project, 100, "checkouts");
      await project.sqlAt(
        "product-sql",
        `INSERT INTO products (id, name, description, price_cents, currency, stock, available, reserved, sold, active, version, created_at, updated_at)
         VALUES (${PRODUCT}, 'The last ones', '', 500, 'EUR', ${STOCK}, ${STOCK}, 0, 0, true, 1, now(), now())`,
      );
    }, 1_200_000);
    afterAll(async () => {
      agent.destroy();
      await project.destroy();
    });

    /**
     * One customer who does not give up: the same key again when there was no answer, and a look now and then until it is final, less often each
     * time: thousands who ask each second would measure this machine, and not what is sold.
     */
    async function checkout(number: number): Promise<string> {
      const person = people[number % people.length] as Person;
      const key = `checkout-${randomBytes(12).toString("hex")}`;
      const body = JSON.stringify({ items: [{ product_id: PRODUCT, quantity: 1 }], payment_token: number % 10 === 3 ? "tok_timeout" : "tok_ok" });
      const end = Date.now() + PATIENCE;
      let order: Order | undefined;
      let pause = 1_000;
      while (Date.now() < end) {
        const headers = { ...person.headers, "content-type": "application/json", "idempotency-key": key };
        const asked =
          order === undefined
            ? { path: "/api/v1/orders/", method: "POST", text: body, headers }
            : { path: `/api/v1/orders/${order.id}/`, method: "GET", headers: person.headers };
        const { path, ...call } = asked;
        const answer = await project
          .edge()
          .call(path, { ...call, agent: agent as never, patience: 60_000 })
          .catch(() => undefined);
        const said = answer === undefined ? undefined : read(answer.body);
        if (said?.final === true) return said.state;
        if (said !== undefined) order = said;
        await new Promise((wake) => setTimeout(wake, pause * (0.5 + Math.random())));
        pause = Math.min(pause * 2, 20_000);
      }
      return "without an end";
    }

    /** The order of an answer, be it one or a problem that holds one; none where nobody could say. */
    function read(body: string): Order | undefined {
      try {
        const said = JSON.parse(body) as { order?: Order } & Partial<Order>;
        const order = said.order ?? said;
        return order.id === undefined || order.state === undefined ? undefined : (order as Order);
      } catch {
        return undefined;
      }
    }

    it(`SHOP-6 ${CHECKOUTS} checkouts of ${STOCK} pieces, each service and database killed in turn: sold exactly once, paid exactly once`, async () => {
      const began = Date.now();
      const all = Promise.all(Array.from({ length: CHECKOUTS }, (_, number) => checkout(number)));
      for (const victim of VICTIMS) {
        await new Promise((wake) => setTimeout(wake, 4_000));
        const id = (await project.containers()).get(victim) ?? "";
        await must("docker", ["kill", "--signal", "KILL", id]);
        await new Promise((wake) => setTimeout(wake, 2_000));
        await must("docker", ["start", id]);
      }
      const ends = new Map<string, number>();
      for (const state of await all) ends.set(state, (ends.get(state) ?? 0) + 1);
      console.log(
        `${CHECKOUTS} checkouts in ${Math.round((Date.now() - began) / 1000)} s: ${[...ends].map(([state, count]) => `${count} ${state}`).join(", ")}`,
      );
      expect((await project.ops("health", ["--wait", "120"])).code).toBe(0);

      // The script of the operator, and then the tables themselves, without any code of the shop.
      const told = await run("docker", ["exec", await project.container("order"), "python", "-m", "order_api.manage", "reconcile", "--wait", "180"], {
        timeout: 300_000,
      });
      expect(told.code, told.out + told.err).toBe(0);
      expect(ends.get("without an end") ?? 0).toBe(0);
      expect(ends.get("confirmed")).toBe(STOCK);
      const row = "SELECT stock || ' ' || available || ' ' || reserved || ' ' || sold FROM products WHERE id = ";
      expect(await column("product-sql", `${row}${PRODUCT}`)).toBe(`${STOCK} 0 0 ${STOCK}`);
      expect(await column("order-sql", "SELECT count(*) FROM orders WHERE step <> 'done'")).toBe("0");
      expect(await column("order-sql", "SELECT count(*) FROM orders WHERE state = 'confirmed'")).toBe(String(STOCK));
      const charges = (where: string) => column("order-sql", `SELECT count(*) FROM test_charges c JOIN orders o ON o.id = c.order_id WHERE ${where}`);
      expect(await charges("c.state = 'succeeded' AND o.state <> 'confirmed'"), "paid, and nothing for it").toBe("0");
      expect(await charges("c.state = 'succeeded' AND o.state = 'confirmed'")).toBe(String(STOCK));
      const twice =
        "SELECT count(*) FROM (SELECT order_id FROM test_charges WHERE state = 'succeeded' GROUP BY order_id HAVING count(*) > 1) AS twice";
      expect(await column("order-sql", twice), "paid twice").toBe("0");
    }, 1_800_000);
  },
);
