import { beforeAll, expect, it } from "vitest";

import type { Person } from "../apps/application.ts";
import { Project } from "../lib/project.ts";
import { must, until } from "../lib/run.ts";
import { stacksWith } from "../lib/stacks-with.ts";
import { stackUnderTest } from "../stacks.ts";

const stack = stackUnderTest();
const { application } = stack;
const project = Project.open(stack.instance, stack.ports);
const PER_SECOND = 3;
const SECONDS = 4;

// Each service that has a part in a write is killed, as by a host without memory left, while people write.
stacksWith("tickets", stack.id === "node-mongo").describe("what people wrote survives a kill", () => {
  let people: readonly Person[];
  beforeAll(async () => {
    people = await application.signIn(project, 10, "kills");
  });

  it.each(["worker", "broker", "database", "app"])(
    "HARD-2 nothing that was confirmed is lost and no job is done twice when it is killed: %s",
    { timeout: 400_000 },
    async (role) => {
      const title = `Killed ${role} ${Date.now().toString(36)} `;
      const confirmed: string[] = [];
      const answers = new Map<string, number>();
      let number = 0;
      const sending: Promise<void>[] = [];
      const one = async (): Promise<void> => {
        const sent = application.write(`${title}${number}`);
        const person = people[number++ % people.length] as Person;
        const answer = await project
          .edge()
          .call(sent.path, { method: sent.method, text: sent.body, headers: { ...sent.headers, ...person.headers } })
          .catch(() => undefined);
        const said = String(answer?.status ?? "no answer");
        answers.set(said, (answers.get(said) ?? 0) + 1);
        if (answer?.status === 201) confirmed.push(application.idOf(answer.body));
      };
      const container = await project.container(role);
      const timer = setInterval(() => sending.push(one()), 1000 / PER_SECOND);
      const pause = (seconds: number) => new Promise((wake) => setTimeout(wake, seconds * 1000));
      try {
        await pause(SECONDS);
        await must("docker", ["kill", "--signal", "KILL", container]);
        await pause(SECONDS);
        await must("docker", ["start", container]);
        const sofar = confirmed.length;
        await until(
          async () => confirmed.length,
          (count) => count > sofar + PER_SECOND * 4,
          60_000,
        );
      } finally {
        clearInterval(timer);
      }
      await Promise.all(sending);
      const health = await project.ops("health", ["--wait", "120"]);
      expect(health.code, health.out + health.err).toBe(0);
      console.log(`${role} killed: ${[...answers].map(([said, count]) => `${count} × ${said}`).join(", ")}`);
      // Those that nobody could serve say so; nobody waits without an end.
      expect([...answers.keys()].filter((said) => !["201", "503", "502", "504"].includes(said))).toEqual([]);
      expect(confirmed.length, "as many as before it went and after it came back").toBeGreaterThan(PER_SECOND * 4);

      const wanted = confirmed.toSorted();
      // What was not confirmed may be there besides: then it is whole, too.
      const there = await application.things(project, title, false);
      expect(wanted.filter((id) => !there.includes(id))).toEqual([]);
      const done = await until(
        () => application.things(project, title, true),
        (ids) => ids.length === there.length,
        150_000,
      );
      expect(done).toEqual(there);
    },
  );
});
