import type { BootDefect } from "./boot.ts";

const stack = "fastapi-arq-minio";

/** What only the stack on three networks has to break. */
export const FASTAPI_DEFECTS: readonly BootDefect[] = [
  {
    id: "inside-plain",
    stack,
    breaks: "PostgreSQL lets in who comes without TLS",
    caughtBy: "NET-4 nobody is let in without TLS",
    apply: (p) => p.patch("services/db/tls/pg_hba.conf", "hostssl  all          all   all ", "host     all          all   all "),
  },
  {
    id: "network-joined",
    stack,
    breaks: "the worker is on the network of the published ports",
    caughtBy: "NET-1 membership is that of the document",
    apply: (p) => p.patch("compose.yaml", /(arq-worker: &arq-worker[^]*?networks: \[)backend/, "$1frontend, backend"),
  },
  {
    id: "subnet-fixed",
    stack,
    breaks: "a subnet cannot be moved",
    caughtBy: "NET-2 the documented subnets",
    apply: (p) => p.patch("compose.yaml", "${SUBNET_DATABASE:-172.22.0.0/24}", "10.255.255.0/24"),
  },
  {
    id: "renewal-not-taken",
    stack,
    breaks: "a renewed certificate is put in place and nobody is told",
    caughtBy: "NET-4 certificates are renewed under load",
    apply: (p) => p.patch("ops/tls", '[ "$leaf" = edge ] || taken_by "$leaf"', ":"),
  },
  {
    id: "uploads-kept",
    stack,
    on: "objects",
    breaks: "the edge keeps an upload before it hands it on",
    caughtBy: "NET-3 an upload of 1 GiB",
    apply: (p) => p.patch("nginx/plan/locations.conf", "    proxy_request_buffering off;\n", ""),
  },
  {
    id: "storage-login-wide",
    stack,
    on: "objects",
    breaks: "the application's login may do everything in the storage",
    caughtBy: "NET-3 the application's login uses its bucket",
    apply: (p) =>
      p.patch(
        "services/minio/bin/policies/app.json",
        '"Statement": [',
        '"Statement": [{ "Effect": "Allow", "Action": ["s3:*"], "Resource": ["arn:aws:s3:::*"] },',
      ),
  },
  {
    id: "egress-open",
    stack,
    on: "objects",
    breaks: "the egress proxy lets every host pass",
    caughtBy: "NET-6 the egress proxy lets the hosts",
    apply: (p) => {
      p.patch("services/egress-proxy/bin/start", "FilterDefaultDeny Yes", "FilterDefaultDeny No");
      p.patch("services/egress-proxy/bin/health", '[ "$code" = 403 ]', "true");
    },
  },
  {
    id: "objects-not-backed-up",
    stack,
    breaks: "objects are in no backup",
    caughtBy: "PROD-12 everything destroyed",
    apply: (p) => p.patch("services/backup/bin/take", "copy_objects\nsave_objects\n", ""),
  },
];
