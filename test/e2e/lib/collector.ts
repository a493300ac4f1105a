import { imageOf } from "./images.ts";
import { Outside } from "./outside.ts";
import type { Project } from "./project.ts";
import { must, run } from "./run.ts";

/** One line of a service as it arrived. */
export type Shipped = Readonly<Record<string, unknown>>;

/** Where logs are shipped to: a small server that keeps what it was sent, and takes it with the right token alone. */
export class Collector extends Outside {
  async boot(token: string): Promise<void> {
    const server = `printf %s '${token}' >/data/token; exec python /lab/collector.py ${this.port}`;
    await this.start([], imageOf("python"), ["sh", "-ec", server]);
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
      imageOf("python"),
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
}

/** What `docker run` needs for the shipper of one project with the configuration of another, beside every stack. */
export function shipperAlone(to: string, project: Project, other: Project, collector: Collector, port: number): readonly string[] {
  const given = {
    LISTEN_HOST: "shipper",
    LOG_SHIPPING_TO: to,
    LOG_SHIPPING_AUTH: "Bearer",
    LOG_SHIPPING_INDEX: "logs-test",
    LOG_SHIPPING_URL: collector.url,
  };
  const mounts = [
    `${other.dir}/services/log-shipper/conf:/etc/log-shipper`,
    `${project.dir}/tls/log-shipping:/etc/trust`,
    `${project.dir}/secrets/log_token:/run/secrets/log_token`,
  ];
  return [
    "--name",
    other.name,
    "--hostname",
    "shipper",
    "--label",
    "io.breakwater.e2e=outside",
    "-p",
    `127.0.0.1:${port}:24224`,
    ...Object.entries(given).flatMap(([key, value]) => ["-e", `${key}=${value}`]),
    ...mounts.flatMap((mount) => ["-v", `${mount}:ro`]),
  ];
}
