import { imageOf, makeImage } from "./images.ts";
import { Outside } from "./outside.ts";
import { must, until } from "./run.ts";

/** An S3 server outside every project, as a provider's is. */
export class Storage extends Outside {
  readonly keyId = "backups-of-the-suite";
  readonly secret = "kept-in-files-alone-0123456789abcdef";

  get bucket(): string {
    return `${this.url}/bucket/shop`;
  }

  async boot(): Promise<void> {
    await makeImage("s3");
    const account = ["-e", `ROOT_ACCESS_KEY=${this.keyId}`, "-e", `ROOT_SECRET_KEY=${this.secret}`];
    const server = `versitygw --port :${this.port} --cert /tls/server.crt --key /tls/server.key --quiet posix /data`;
    await this.start([...account, "--entrypoint", "sh"], imageOf("s3"), ["-ec", `mkdir -p /data/bucket; exec ${server}`]);
    await this.#answers();
  }

  override async up(): Promise<void> {
    await super.up();
    await this.#answers();
  }

  /** What lies in the bucket: names of objects, or those that hold a text. */
  async objects(holding = ""): Promise<readonly string[]> {
    const found = holding === "" ? "find /data/bucket -type f" : `grep -rlaF -e '${holding}' /data/bucket || :`;
    return (await must("docker", ["exec", this.name, "sh", "-c", found])).split("\n").filter((line) => line !== "");
  }

  async #answers(): Promise<void> {
    // To somebody without a key.
    const { status } = await until(
      () => this.ask("GET", "/bucket/shop"),
      (answer) => answer.status === 403,
      20_000,
    );
    if (status !== 403) throw new Error(`the storage does not answer: ${status}`);
  }
}
