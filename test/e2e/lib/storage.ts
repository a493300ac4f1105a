import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { must, run, until } from "./run.ts";

const E2E = join(dirname(fileURLToPath(import.meta.url)), "..");

/** An S3 server outside every project, as a provider's is: on an address of the host, with a certificate of its own authority. */
export class Storage {
  readonly keyId = "backups-of-the-suite";
  readonly secret = "kept-in-files-alone-0123456789abcdef";
  readonly #name: string;
  readonly #port: number;
  readonly #tls: string;
  #host = "";

  constructor(name: string, port: number) {
    this.#name = name;
    this.#port = port;
    this.#tls = join(E2E, ".work", name);
  }

  get url(): string {
    return `https://${this.#host}:${this.#port}/bucket/shop`;
  }

  get authority(): Buffer {
    return readFileSync(join(this.#tls, "ca.crt"));
  }

  async start(): Promise<void> {
    await this.destroy();
    await must(join(E2E, "images/build"), ["s3"], { timeout: 900_000 });
    const image = (await must("sh", ["-c", `awk '$1 == "s3" { print $3 }' ${join(E2E, "images/images.list")}`])).trim();
    this.#host = (await must("docker", ["network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Gateway}}"])).trim();
    await this.#certificate();
    const labels = ["--label", "io.breakwater.e2e=storage"];
    await must("docker", ["volume", "create", ...labels, this.#name]);
    await must("docker", ["run", "--rm", ...labels, "-v", `${this.#name}:/data`, "--entrypoint", "mkdir", image, "/data/bucket"]);
    const options = ["-p", `${this.#host}:${this.#port}:7070`, "-v", `${this.#name}:/data`, "-v", `${this.#tls}:/tls:ro`];
    const account = ["-e", `ROOT_ACCESS_KEY=${this.keyId}`, "-e", `ROOT_SECRET_KEY=${this.secret}`];
    const server = ["--cert", "/tls/server.crt", "--key", "/tls/server.key", "--quiet", "posix", "/data"];
    await must("docker", ["run", "-d", "--name", this.#name, ...labels, ...options, ...account, "--entrypoint", "versitygw", image, ...server]);
    await this.answers();
  }

  async answers(): Promise<void> {
    const ask = () => run("curl", ["-s", "-m", "2", "--cacert", join(this.#tls, "ca.crt"), "-o", "/dev/null", "-w", "%{http_code}", this.url]);
    const answer = await until(ask, (ran) => ran.out === "403", 20_000);
    if (answer.out !== "403") throw new Error(`the storage does not answer: ${answer.out}${answer.err}`);
  }

  async down(): Promise<void> {
    await must("docker", ["stop", "-t", "2", this.#name]);
  }

  async up(): Promise<void> {
    await must("docker", ["start", this.#name]);
    await this.answers();
  }

  /** What lies in the bucket: names of objects, or those that hold a text. */
  async objects(holding = ""): Promise<readonly string[]> {
    const found = holding === "" ? "find /data/bucket -type f" : `grep -rlaF -e '${holding}' /data/bucket || :`;
    return (await must("docker", ["exec", this.#name, "sh", "-c", found])).split("\n").filter((line) => line !== "");
  }

  async destroy(): Promise<void> {
    await run("docker", ["rm", "-f", "-v", this.#name]);
    await run("docker", ["volume", "rm", "-f", this.#name]);
    rmSync(this.#tls, { recursive: true, force: true });
  }

  async #certificate(): Promise<void> {
    mkdirSync(this.#tls, { recursive: true });
    writeFileSync(join(this.#tls, "names"), `subjectAltName=IP:${this.#host}\n`);
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    await must(
      "sh",
      [
        "-ec",
        `openssl req -x509 ${key} -keyout ca.key -out ca.crt -days 2 -subj '/CN=authority of the storage' -addext basicConstraints=critical,CA:TRUE
        openssl req ${key} -keyout server.key -out server.csr -subj '/CN=storage'
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 2 -extfile names; chmod 0644 *`,
      ],
      { cwd: this.#tls },
    );
  }
}
