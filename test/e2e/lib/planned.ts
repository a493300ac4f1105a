import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What a scaffolded project says of its own plan, in ops/data and in its answers. */
export class Planned {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Whether the stack asks for this option; with nothing on disk (ATTACH=1 on a test with a project of its own) nobody can say no. */
  offers(option: string): boolean {
    if (!existsSync(join(this.dir, ".breakwater/answers.yaml"))) return true;
    return new RegExp(`^ *${option}:`, "m").test(readFileSync(join(this.dir, ".breakwater/answers.yaml"), "utf8"));
  }

  /** A secret by the name that its part gives it: of a stack with several databases, that of the first one. */
  secretName(name: string): string {
    const rows = this.rows("secrets.tsv");
    if (rows.some(([own]) => own === name)) return name;
    const database = this.find("sql");
    return rows.find(([own = "", , , , consumers = ""]) => own.endsWith(`_${name}`) && consumers.split(",").includes(database ?? ""))?.[0] ?? name;
  }

  consumersOf(secret: string): readonly string[] {
    return (this.rows("secrets.tsv").find(([name]) => name === secret)?.[4] ?? "").split(",");
  }

  /** The passwords of database roles: secret, service and role. Those of the backup and of the monitoring are no application's. */
  databaseRoles(): readonly { readonly secret: string; readonly at: string; readonly role: string }[] {
    return this.rows("secrets.tsv").flatMap(([secret = "", , , , , , rotate = ""]) => {
      const [by, at = "", role = ""] = rotate.split(":");
      return by === "postgres-role" && ["app", "app_owner", "postgres"].includes(role) ? [{ secret, at, role }] : [];
    });
  }

  secrets(): readonly string[] {
    return this.rows("secrets.tsv").map(([name = ""]) => name);
  }

  /** The services that run all the time, without the copies that stand by. */
  services(): readonly string[] {
    return this.rows("services.tsv")
      .filter(([name, kind, , , , , , copy = "-"]) => kind === "long-running" && (copy === "-" || copy.startsWith(`${name},`)))
      .map(([name = ""]) => name);
  }

  /** Every service with this capability, without the copies that stand by. */
  all(capability: string): readonly string[] {
    const running = this.services();
    return this.rows("services.tsv")
      .filter(([name = "", , , , , , provides = ""]) => running.includes(name) && provides.split(",").includes(capability))
      .map(([name = ""]) => name);
  }

  /** Services with a certificate of the project's CA inside, and which of these words (role or capability) each is. */
  certified<Word extends string>(words: readonly Word[]): readonly { readonly service: string; readonly word: Word }[] {
    return this.rows("certificates.tsv").map(([service = ""]) => {
      const word = words.find((one) => this.#rolesOf(service).includes(one));
      if (word === undefined) throw new Error(`${service} has a certificate, and is none of ${words.join(", ")}`);
      return { service, word };
    });
  }

  /** The service with this role, or else with this capability; of copies the first. Undefined when the stack has none. */
  find(word: string): string | undefined {
    const own = this.rows("services.tsv").filter(([name = "", , , , , , , copy = "-"]) => copy === "-" || copy.startsWith(`${name},`));
    const byRole = own.find(([, , , , , role]) => role === word);
    return (byRole ?? own.find(([, , , , , , provides = ""]) => provides.split(",").includes(word)))?.[0];
  }

  service(word: string): string {
    const name = this.find(word);
    if (name === undefined) throw new Error(`no service of this project has the role or capability '${word}'`);
    return name;
  }

  /** The networks a service is on, by their names in the plan. */
  networksOf(service: string): readonly string[] {
    const row = this.rows("services.tsv").find(([name]) => name === service);
    return (row?.[2] ?? "").split(",");
  }

  /** A service on one of its networks: an application where there is one. */
  beside(service: string): string {
    const found = [this.service("app"), ...this.all("app"), ...this.services()].find((one) => one !== service && this.#meet(one, service));
    if (found === undefined) throw new Error(`nobody meets ${service} on a network`);
    return found;
  }

  /** Who asks the database: the API itself, or of several applications one that meets it, or its pooler, on a network. */
  asks(database: string): string {
    const poolers = this.services().filter((one) => this.#rolesOf(one).includes("pooler") && this.#meet(one, database));
    const found = [this.service("app"), ...this.all("app")].find((one) => [database, ...poolers].some((other) => this.#meet(one, other)));
    if (found === undefined) throw new Error(`no application asks ${database}`);
    return found;
  }

  #meet(one: string, other: string): boolean {
    return this.networksOf(one).some((network) => this.networksOf(other).includes(network));
  }

  /** The role of a service, and its capabilities. */
  #rolesOf(service: string): readonly string[] {
    const [, , , , , role = "", provides = ""] = this.rows("services.tsv").find(([name]) => name === service) ?? [];
    return [role, ...provides.split(",")];
  }

  /** Those of these roles that the stack has. */
  withRoles(...roles: readonly string[]): readonly string[] {
    return roles.map((role) => this.find(role)).filter((name) => name !== undefined);
  }

  /** A service and what stands by for it. */
  copiesOf(service: string): readonly string[] {
    return this.rows("services.tsv").flatMap(([name = "", , , , , , , copy = "-"]) =>
      name === service || copy.split(",")[0] === service ? [name] : [],
    );
  }

  /** The ports that development publishes besides the edge's, moved to these and after. */
  developmentPorts(from: number): readonly { readonly service: string; readonly variable: string; readonly port: number }[] {
    return this.rows("development.tsv")
      .filter(([service]) => service !== this.service("edge"))
      .map(([service = "", variable = ""], index) => ({ service, variable, port: from + index }));
  }

  /** A table of ops/data: a list of fields for each line. */
  protected rows(table: string): readonly (readonly string[])[] {
    return readFileSync(join(this.dir, "ops/data", table), "utf8")
      .split("\n")
      .slice(1)
      .filter((line) => line !== "")
      .map((line) => line.split("\t"));
  }
}
