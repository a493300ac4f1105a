import type { Source } from "../catalog.ts";
import type { PartManifest } from "../schema/index.ts";
import type { MountManifest, OverlayManifest, ServiceManifest } from "../schema/service.ts";

/*
 * A part that stands in a stack several times, each time under another name (`stands: {postgres: {as: [product, order]}}`).
 * Everything the part itself names is qualified: services and volumes `product-db`, tiers `product-data`, secrets
 * `product_db_app_password`, variables of ports `PRODUCT_DB_DEV_PORT`. Roles and capabilities stay, so that a part beside it
 * still finds all of them by `sql`, and are there under the name as well: `product-sql` is this one alone. Parts that stand
 * under one name are kin: a word that one of them brings means, in all of them, the one of this name.
 */

/** What kin bring, by kind, unqualified. */
interface Words {
  readonly services: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly tiers: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
}

export interface Standing {
  readonly source: Source<PartManifest>;
  /** Under which unqualified names the kin's services see the kin's secrets: their scripts know no other. */
  readonly sees: Readonly<Record<string, string>>;
}

/** The words of all parts that stand under one name. */
export function wordsOf(kin: readonly Source<PartManifest>[]): Words {
  const services = kin.flatMap(({ manifest }) => Object.entries(manifest.services));
  return {
    services: new Set(services.map(([name]) => name)),
    roles: new Set(services.flatMap(([, { role, provides }]) => [role, ...provides])),
    tiers: new Set(services.flatMap(([, { networks, additions }]) => [...networks, ...additions.flatMap((addition) => addition.networks)])),
    secrets: new Set(kin.flatMap(({ manifest }) => Object.keys(manifest.secrets))),
    // What they only lend to somebody else is that one's, and there once.
    volumes: new Set(
      services.flatMap(([, { volumes, additions }]) =>
        [...volumes, ...additions.flatMap((addition) => addition.volumes)].flatMap((mount) => ("volume" in mount ? [mount.volume] : [])),
      ),
    ),
  };
}

/** The part as it stands under a name; what is one for all names (files, pages, rate tiers) comes with the first of them alone. */
export function standAs(source: Source<PartManifest>, name: string, index: number, words: Words): Standing {
  const { manifest } = source;
  const dashed = (known: ReadonlySet<string>) => (word: string) => (known.has(word) ? `${name}-${word}` : word);
  const service = dashed(words.services);
  const role = dashed(words.roles);
  const tier = dashed(words.tiers);
  const volume = dashed(words.volumes);
  const secret = (word: string) => (words.secrets.has(word) ? `${name}_${word}` : word);
  const variable = (word: string) => `${name.toUpperCase()}_${word}`;
  const target = (word: string) => (words.roles.has(word) ? role(word) : service(word));

  const mount = (one: MountManifest): MountManifest => ("volume" in one ? { ...one, volume: volume(one.volume) } : one);
  const flow = (one: ServiceManifest["talksTo"][number]) => ({
    ...one,
    to: target(one.to),
    ...(one.over === undefined ? {} : { over: tier(one.over) }),
  });
  const publish = (one: OverlayManifest["publish"][number]) => ({ ...one, variable: variable(one.variable), port: one.port + index });
  const overlay = (one: OverlayManifest): OverlayManifest => ({ ...one, publish: one.publish.map(publish), volumes: one.volumes.map(mount) });
  const joined = <T extends { networks: string[]; secrets: string[]; rereads: string[]; volumes: MountManifest[] }>(one: T): T => ({
    ...one,
    networks: one.networks.map(tier),
    secrets: one.secrets.map(secret),
    rereads: one.rereads.map(secret),
    volumes: one.volumes.map(mount),
  });
  const standing = (one: ServiceManifest): ServiceManifest => ({
    ...joined(one),
    provides: [...one.provides, role(one.role), ...one.provides.map(role)],
    ...(one.sharesImageOf === undefined ? {} : { sharesImageOf: target(one.sharesImageOf) }),
    ...(one.sharesEnvironmentOf === undefined ? {} : { sharesEnvironmentOf: target(one.sharesEnvironmentOf) }),
    talksTo: one.talksTo.map(flow),
    after: one.after.map((after) => ({ ...after, service: target(after.service) })),
    publish: one.publish.map(publish),
    ...(one.development === undefined ? {} : { development: overlay(one.development) }),
    ...(one.production === undefined ? {} : { production: overlay(one.production) }),
    additions: one.additions.map(joined),
  });
  type Secret = PartManifest["secrets"][string];
  const turned = (rotate: Secret["rotate"]): Secret["rotate"] => {
    if (rotate.by === "file") return rotate;
    if (rotate.by === "postgres-role") return { ...rotate, at: target(rotate.at), as: secret(rotate.as) };
    return { ...rotate, at: target(rotate.at) };
  };
  /** What it does to a service of no kin of it, which may have to do with several names: qualified there as well. */
  const lent = (rule: PartManifest["verbs"]["add"][number]): typeof rule => {
    const kin = words.roles.has(rule.to) || words.services.has(rule.to);
    const flows = rule.talksTo.map(flow).map((one) => (kin || one.env === undefined ? one : { ...one, env: variable(one.env) }));
    return { ...joined(rule), to: target(rule.to), talksTo: flows };
  };

  const { add, interpose, provide, replicate } = manifest.verbs;
  const once = index === 0 ? {} : { reaches: [], flows: [], tiers: {}, pages: {}, controls: [], variables: {} };
  return {
    sees: Object.fromEntries([...words.secrets].map((word) => [secret(word), word])),
    source: {
      ...source,
      lines: Object.fromEntries(Object.entries(source.lines).map(([pointer, line]) => [qualified(pointer, { service, secret, volume }), line])),
      files: index === 0 ? source.files : [],
      manifest: {
        ...manifest,
        ...once,
        services: mapKeys(manifest.services, service, standing),
        secrets: mapKeys(manifest.secrets, secret, (one) => ({
          ...one,
          rotate: turned(one.rotate),
          ...(one.derive === undefined ? {} : { derive: { ...one.derive, from: secret(one.derive.from) } }),
        })),
        volumes: mapKeys(manifest.volumes, volume, (one) => one),
        verbs: {
          replicate,
          interpose: interpose.map((rule) => ({ ...rule, service: service(rule.service), before: target(rule.before) })),
          provide: provide.map((rule) => ({
            ...rule,
            from: service(rule.from),
            ...(rule.secrets === undefined ? {} : { secrets: rule.secrets.map(secret) }),
          })),
          add: add.map(lent),
        },
      },
    },
  };
}

function mapKeys<T>(record: Readonly<Record<string, T>>, key: (word: string) => string, value: (one: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, one]) => [key(name), value(one)]));
}

/** The place of a line under its qualified name: problems are found by that one. */
function qualified(pointer: string, by: Readonly<Record<"service" | "secret" | "volume", (word: string) => string>>): string {
  const [, section, word, ...rest] = pointer.split("/");
  const rename = section === "services" ? by.service : section === "secrets" ? by.secret : section === "volumes" ? by.volume : undefined;
  return rename === undefined || word === undefined ? pointer : ["", section, rename(word), ...rest].join("/");
}
