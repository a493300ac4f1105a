import { imageOf } from "./images.ts";
import { isThere, Outside } from "./outside.ts";
import { until } from "./run.ts";

const PORT_INSIDE = (port: number) => String(port);
/** Without a development mode: sealed at first, by TLS, all in memory. */
const CONFIG = (port: number) =>
  `storage "inmem" {}\ndisable_mlock = true\nui = false\napi_addr = "https://127.0.0.1:${port}"\nlistener "tcp" {\n  address = "0.0.0.0:${port}"\n  tls_cert_file = "/tls/server.crt"\n  tls_key_file = "/tls/server.key"\n}\n`;

/** A Vault server: the real one where an image of it is there (E2E_VAULT_IMAGE names it), otherwise a stand-in that speaks the same. */
export class Vault extends Outside {
  used = "";
  #root = "";
  #key = "";

  async boot(): Promise<void> {
    const real = process.env["E2E_VAULT_IMAGE"];
    if (real !== undefined && (await isThere(real))) {
      this.used = real;
      const config = CONFIG(this.port).replaceAll("\n", "\\n");
      const script = `printf '${config}' >/tmp/vault.hcl; exec $(command -v bao || command -v vault) server -config=/tmp/vault.hcl`;
      await this.start(["--entrypoint", "sh"], real, ["-ec", script]);
    } else {
      this.used = "the stand-in test/e2e/lib/fake-vault.py";
      await this.start([], imageOf("python"), ["python", "/lab/fake-vault.py", PORT_INSIDE(this.port)]);
    }
    const asked = await until(
      () => this.ask("GET", "/v1/sys/health"),
      ({ status }) => status === 501,
      20_000,
    );
    if (asked.status !== 501) throw new Error(`${this.used} does not come up: ${asked.status}`);
    const made = (await this.ask("PUT", "/v1/sys/init", { secret_shares: 1, secret_threshold: 1 })).body;
    this.#root = made.root_token;
    this.#key = made.keys[0];
    await this.unseal();
    await this.#must("POST", "sys/mounts/secret", { type: "kv", options: { version: "2" } });
    await this.#must("POST", "sys/auth/approle", { type: "approle" });
    // The KV engine is upgraded to version 2 in the background.
    const ready = () => this.ask("GET", "/v1/secret/data/none", undefined, this.#token());
    await until(ready, ({ status }) => status === 404, 10_000);
  }

  async unseal(): Promise<void> {
    await this.ask("PUT", "/v1/sys/unseal", { key: this.#key });
  }

  seal(): Promise<unknown> {
    return this.#must("PUT", "sys/seal");
  }

  /** A role whose tokens may do this below a path. */
  async role(name: string, path: string, capabilities: readonly string[]): Promise<string> {
    const words = capabilities.map((one) => `"${one}"`).join(", ");
    await this.#must("PUT", `sys/policies/acl/${name}`, { policy: `path "secret/data/${path}/*" { capabilities = [${words}] }` });
    await this.#must("POST", `auth/approle/role/${name}`, { token_policies: [name], token_ttl: "2m" });
    return (await this.#must("GET", `auth/approle/role/${name}/role-id`)).data.role_id as string;
  }

  async secretId(name: string): Promise<string> {
    return (await this.#must("POST", `auth/approle/role/${name}/secret-id`, {})).data.secret_id as string;
  }

  async wrappedSecretId(name: string): Promise<string> {
    return (await this.#must("POST", `auth/approle/role/${name}/secret-id`, {}, ["X-Vault-Wrap-TTL: 60s"])).wrap_info.token as string;
  }

  /** Opens a wrapped id as somebody else would. */
  async steal(ticket: string): Promise<void> {
    await this.ask("POST", "/v1/sys/wrapping/unwrap", {}, [`X-Vault-Token: ${ticket}`]);
  }

  async value(path: string): Promise<{ readonly value: string; readonly version: number } | undefined> {
    const { status, body } = await this.ask("GET", `/v1/secret/data/${path}`, undefined, this.#token());
    return status === 200 ? { value: body.data.data.value as string, version: body.data.metadata.version as number } : undefined;
  }

  put(path: string, value: string): Promise<unknown> {
    return this.#must("POST", `secret/data/${path}`, { data: { value } });
  }

  remove(path: string): Promise<unknown> {
    return this.#must("DELETE", `secret/data/${path}`);
  }

  #token(): readonly string[] {
    return [`X-Vault-Token: ${this.#root}`];
  }

  async #must(method: string, path: string, body?: unknown, headers: readonly string[] = []): Promise<any> {
    const done = await this.ask(method, `/v1/${path}`, body, [...this.#token(), ...headers]);
    if (done.status !== 200 && done.status !== 204) throw new Error(`${method} ${path}: ${done.status} ${JSON.stringify(done.body)}`);
    return done.body;
  }
}
