import { imageOf, Outside } from "./outside.ts";
import { must, run } from "./run.ts";

/** One line of a service as it arrived. */
export type Shipped = Readonly<Record<string, unknown>>;

/** Where logs are shipped to: a small server that keeps what it was sent, and takes it with the right token alone. */
export class Collector extends Outside {
  async boot(token: string): Promise<void> {
    await run("docker", ["volume", "rm", "-f", this.name]);
    const image = await imageOf("python");
    await must("docker", ["volume", "create", "--label", "io.breakwater.e2e=outside", this.name]);
    await this.start(["-v", `${this.name}:/data`], image, [
      "sh",
      "-ec",
      `printf %s '${token}' >/data/token; exec python /lab/collector.py ${this.port}`,
    ]);
  }

  /** Another token is the good one from now on. */
  async token(value: string): Promise<void> {
    await must("docker", ["exec", this.name, "sh", "-c", `printf %s '${value}' >/data/token`]);
  }

  async lines(): Promise<readonly Shipped[]> {
    const out = await must("docker", [
      "run",
      "--rm",
      "-v",
      `${this.name}:/data:ro`,
      await imageOf("python"),
      "sh",
      "-c",
      "cat /data/lines 2>/dev/null || :",
    ]);
    return out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Shipped);
  }

  async refused(): Promise<number> {
    return Number((await run("docker", ["exec", this.name, "sh", "-c", "cat /data/refused 2>/dev/null | wc -c"])).out.trim());
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await run("docker", ["volume", "rm", "-f", this.name]);
  }
}
