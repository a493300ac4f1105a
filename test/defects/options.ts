import type { BootDefect } from "./boot.ts";

/** Of the projects that 96-log-shipping.test.ts and 97-vault.test.ts boot for themselves. */
export const OPTION_DEFECTS: readonly BootDefect[] = [
  {
    id: "log-fields-as-text",
    on: "logs",
    breaks: "a line that is JSON is shipped as one text",
    caughtBy: "PROD-6 the lines of one request arrive",
    apply: (p) => p.patch("services/log-shipper/conf/pipeline.yaml", "key_name: log", "key_name: logs"),
  },
  {
    id: "log-buffer-in-memory",
    on: "logs",
    breaks: "lines that cannot be sent wait in memory alone",
    caughtBy: "PROD-6 a collector that is down for a minute",
    apply: (p) => p.patch("services/log-shipper/conf/pipeline.yaml", "storage.type: filesystem", "storage.type: memory"),
  },
  {
    id: "log-attempts-end",
    on: "logs",
    breaks: "after two attempts lines are given up",
    caughtBy: "PROD-6 a collector that is down for a minute",
    apply: (p) => p.patch("services/log-shipper/conf/http.yaml", "retry_limit: no_limits", "retry_limit: 1"),
  },
  {
    id: "log-certificate-unverified",
    on: "logs",
    breaks: "anybody's certificate is taken for the collector's",
    caughtBy: "PROD-6 another token, and a stranger's certificate",
    apply: (p) => p.patch("services/log-shipper/conf/http.yaml", 'tls.verify: "on"', 'tls.verify: "off"'),
  },
  {
    id: "log-token-kept",
    on: "logs",
    breaks: "the shipper keeps the token that it read at its start",
    caughtBy: "PROD-6 another token, and a stranger's certificate",
    apply: (p) => p.patch("services/log-shipper/bin/run", '[ "$now" != "$seen" ] || continue', "continue"),
  },
  {
    id: "vault-after-the-database",
    on: "vault",
    breaks: "a new value is in Vault only when everything else is done",
    caughtBy: "PROD-13 a rotation is in Vault first",
    apply: (p) => {
      p.patch("ops/lib/rotate.sh", '  provider_store "$NAME" "$NEW"\n  case', "  case");
      p.patch("ops/lib/rotate.sh", '[ "$VALUE" = "$NEW" ] || provider_store', "provider_store");
    },
  },
  {
    id: "vault-networks-left",
    on: "vault",
    breaks: "fetching secrets leaves networks behind, on which production then starts",
    caughtBy: "PROD-13 what was made on the first start",
    apply: (p) => p.patch("ops/lib/secrets.d/vault.sh", '  [ -z "$(container_ids)" ] || return 0\n', "  return 0\n"),
  },
  {
    id: "vault-value-in-argument",
    on: "vault",
    breaks: "the way into Vault is an argument of curl",
    caughtBy: "PROD-13 an empty host gets every secret",
    apply: (p) =>
      p.patch(
        "services/vault/bin/agent",
        '  ask POST auth/approle/login "$W/body"',
        '  ask POST "auth/approle/login?x=$(cat "$W/secret_id")" "$W/body"',
      ),
  },
  {
    id: "vault-makes-what-it-cannot-see",
    on: "vault",
    breaks: "with a sealed Vault a secret that is not here is made anew",
    caughtBy: "PROD-13 a Vault that is sealed, away or refuses",
    apply: (p) => p.patch("ops/lib/secrets.d/vault.sh", '    [ -z "$missing" ] || die', '    [ -z "" ] || die'),
  },
  {
    id: "vault-needed-to-start",
    on: "vault",
    breaks: "a project does not start while Vault is sealed",
    caughtBy: "PROD-13 a Vault that is sealed, away or refuses",
    apply: (p) =>
      p.patch(
        "ops/lib/secrets.d/vault.sh",
        'vault pull $(names) || status=$?\n  if [ "$status" -ne 0 ]; then\n    [ -z',
        'vault_or_die pull $(names)\n  if [ "$status" -ne 0 ]; then\n    [ -z',
      ),
  },
  {
    id: "vault-difference-taken",
    on: "vault",
    breaks: "a value that was changed in Vault alone replaces the one that the server knows",
    caughtBy: "PROD-13 a value that somebody changed in Vault is told",
    apply: (p) => p.patch("ops/lib/secrets.d/vault.sh", 'elif [ "$kind" = given ] && !', "elif !"),
  },
  {
    id: "vault-certificate-unverified",
    on: "vault",
    breaks: "anybody's certificate is taken for Vault's",
    caughtBy: "PROD-13 a stranger's certificate, a stolen wrapped id",
    apply: (p) => p.patch("services/vault/bin/agent", "curl --silent", "curl --insecure --silent"),
  },
];
