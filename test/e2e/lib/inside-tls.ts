import { imageOf } from "./images.ts";
import type { Project } from "./project.ts";
import { must, run } from "./run.ts";

/** What answers without TLS, or with a certificate that the project's CA did not issue for this name, asked from where its clients are. */
const ASK = `
import json, os, socket, ssl, struct
kind, host, port = json.loads(os.environ["HOST"])
def reach(host, port): return socket.create_connection((host, port), 5)
def plain(kind, host, port):
    with reach(host, port) as s:
        if kind in ("sql", "pooler"):
            # A start-up message of protocol 3 for the user app: what a client with sslmode=disable sends.
            body = struct.pack("!i", 196608) + b"user\\0app\\0database\\0app\\0\\0"
            s.sendall(struct.pack("!i", len(body) + 4) + body)
        elif kind == "documents":
            # OP_MSG with {hello: 1, $db: "admin"}.
            body = bytes.fromhex("1f0000001068656c6c6f000100000002246462000600000061646d696e0000")
            s.sendall(struct.pack("<iiii", 21 + len(body), 1, 0, 2013) + b"\\0\\0\\0\\0\\0" + body)
        elif kind == "broker": s.sendall(b"PING\\r\\n")
        else: s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        try: return s.recv(400).decode("latin1")
        except OSError as error: return type(error).__name__
def tls(kind, host, port, name, ca):
    context = ssl.create_default_context(cafile=ca)
    with reach(host, port) as s:
        if kind in ("sql", "pooler"):
            s.sendall(struct.pack("!ii", 8, 80877103)); assert s.recv(1) == b"S"
        try:
            with context.wrap_socket(s, server_hostname=name) as t: return t.version()
        except ssl.SSLError as error: return "REFUSED " + str(error.verify_message if hasattr(error, "verify_message") else error.reason)
print(json.dumps({
    "plain": plain(kind, host, port),
    "right": tls(kind, host, port, host, "/run/trust/ca.crt"),
    "name": tls(kind, host, port, "somebody-else", "/run/trust/ca.crt"),
    "stranger": tls(kind, host, port, host, None),
}))
`;

/** What a server with a certificate inside is, and what it answers who comes without TLS. */
const KINDS = {
  sql: { port: 5432, plain: /no encryption/, start: "-starttls postgres" },
  pooler: { port: 6432, plain: /SSL required/, start: "-starttls postgres" },
  broker: { port: 6379, plain: /^(?![^]*PONG)/, start: "" },
  s3: { port: 9000, plain: /^(?![^]*ListAllMyBucketsResult)/, start: "" },
  documents: { port: 27017, plain: /^(?![^]*isWritablePrimary)/, start: "" },
};
type Kind = keyof typeof KINDS;

/** A service that answers with a certificate of the project's CA, asked from where its clients are. */
export class Certified {
  readonly service: string;
  readonly #kind: Kind;
  readonly #project: Project;

  private constructor(project: Project, service: string, kind: Kind) {
    this.#project = project;
    this.service = service;
    this.#kind = kind;
  }

  /** All of a project. */
  static of(project: Project): readonly Certified[] {
    return project.certified(Object.keys(KINDS) as Kind[]).map(({ service, word }) => new Certified(project, service, word));
  }

  /** What is not as it must be: nobody in without TLS, 1.3 to who asks for its name, no other name, and no trust without the CA. */
  async openings(): Promise<readonly string[]> {
    const said = await this.#asked();
    const wanted = { plain: KINDS[this.#kind].plain, right: /^TLSv1\.3$/, name: /^REFUSED .*[Hh]ostname/, stranger: /^REFUSED / } as const;
    return (Object.keys(wanted) as (keyof typeof wanted)[])
      .filter((what) => !wanted[what].test(said[what]))
      .map((what) => `${this.service} ${what}: ${said[what]}`);
  }

  /** What it says without TLS, with the right name, with another one, and to who does not know the CA. */
  async #asked(): Promise<Readonly<Record<"plain" | "right" | "name" | "stranger", string>>> {
    const own = ["run", "--rm", "-i", ...(await this.#from()), "-v", `${this.#project.dir}/tls/trust:/run/trust:ro`];
    const env = ["-e", `HOST=${JSON.stringify([this.#kind, this.service, KINDS[this.#kind].port])}`];
    return JSON.parse(await must("docker", [...own, ...env, "--entrypoint", "python", imageOf("python"), "-"], { input: ASK }));
  }

  /** The certificate that it answers with. */
  async served(): Promise<string> {
    const { start, port } = KINDS[this.#kind];
    const script = `openssl s_client ${start} -connect ${this.service}:${port} </dev/null 2>/dev/null | openssl x509`;
    const words = ["run", "--rm", ...(await this.#from()), "--entrypoint", "sh", imageOf("postgres"), "-c", script];
    return (await run("docker", words)).out.trim();
  }

  async #from(): Promise<readonly string[]> {
    const beside = (await this.#project.containers()).get(this.#project.beside(this.service));
    return ["--network", `container:${beside}`];
  }
}
