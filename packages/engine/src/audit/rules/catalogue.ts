/** What a rule is, for people. `mend` is the usual next step; a finding may have a better one. */
export interface Rule {
  readonly severity: "error" | "warning";
  readonly says: string;
  readonly mend: string;
}

/** Every rule by its id. Ids are stable: scripts and `allow` comments rely on them. */
export const RULES = {
  "published-port": {
    severity: "error",
    says: "A port is published that the plan does not publish; without a plan: any port but 80 and 443 on every address. The engine opens published ports past the host's firewall.",
    mend: "publish on 127.0.0.1, or not at all: services reach each other by name",
  },
  "host-namespace": {
    severity: "error",
    says: "A service shares a namespace of the host (network, pid, ipc, uts, user, cgroup).",
    mend: "remove the key; publish the one port that is needed",
  },
  privileged: { severity: "error", says: "A service is privileged.", mend: "remove privileged; add the one device or capability that is needed" },
  "engine-socket": {
    severity: "error",
    says: "The engine's socket is mounted into a service.",
    mend: "remove the mount; where a tool must see containers, give it a filtering, read-only socket proxy",
  },
  "host-folder": {
    severity: "error",
    says: "A folder that runs the host is mounted into a service.",
    mend: "mount the one file or folder that is needed, read-only",
  },
  capabilities: {
    severity: "error",
    says: "cap_drop lacks ALL, or a capability that owns the host is added.",
    mend: "cap_drop: [ALL], then cap_add what a failing start proves to be needed",
  },
  "new-privileges": { severity: "error", says: "no-new-privileges is not set.", mend: 'security_opt: ["no-new-privileges:true"]' },
  unconfined: { severity: "error", says: "The seccomp or AppArmor profile is off.", mend: "remove the line, or name a profile of your own" },
  "writable-root": {
    severity: "error",
    says: "The root file system is writable.",
    mend: "read_only: true, with tmpfs: or volumes: for what must be written",
  },
  "root-user": {
    severity: "error",
    says: "The user is root, a name, or left to the image.",
    mend: 'user: "10001:10001", with the numbers that the image expects',
  },
  limits: {
    severity: "error",
    says: "Memory, CPU or process count has no limit.",
    mend: 'deploy: {resources: {limits: {cpus: "1.0", memory: 512M, pids: 128}}}',
  },
  "health-missing": {
    severity: "error",
    says: "A service that stays up has no health check.",
    mend: "healthcheck: with a test that asks the service for what it is there for",
  },
  "health-always-true": {
    severity: "error",
    says: "A health check that cannot fail.",
    mend: "let the test end with the answer of the service, without || true",
  },
  restart: { severity: "warning", says: "No restart policy in production.", mend: "restart: unless-stopped" },
  "log-rotation": {
    severity: "warning",
    says: "json-file logs without max-size.",
    mend: 'logging: {driver: json-file, options: {max-size: 10m, max-file: "3"}}',
  },
  "secret-in-environment": {
    severity: "error",
    says: "A secret is passed as an environment variable.",
    mend: "secrets: with a file, and NAME_FILE=/run/secrets/… where the image reads it",
  },
  "secret-in-command": {
    severity: "error",
    says: "A secret is an argument of a command or of a health check.",
    mend: "let the program read it from /run/secrets",
  },
  "secret-in-build": {
    severity: "error",
    says: "A secret is a build argument or is set in a Dockerfile.",
    mend: "RUN --mount=type=secret, and secrets: in the build",
  },
  "secret-not-ignored": { severity: "error", says: "Git would take the file of a secret.", mend: "add its folder to .gitignore" },
  "secret-unplanned": {
    severity: "error",
    says: "A service is given a secret that the recorded plan does not give it.",
    mend: "remove it from the service's secrets",
  },
  "network-unplanned": {
    severity: "error",
    says: "A service is on a network that the recorded plan does not put it on.",
    mend: "remove the network from the service: a network is a permission",
  },
  "flow-closed": { severity: "error", says: "Two services with a flow share no network.", mend: "give both the network of the flow" },
  "network-open": { severity: "error", says: "A network that the plan makes internal has a way out in production.", mend: "internal: true" },
  "network-default": {
    severity: "warning",
    says: "Several services share the default network (projects without a recorded plan).",
    mend: "name networks by who must talk to whom, and list them at each service",
  },
  "network-edge-data": {
    severity: "error",
    says: "A proxy that the world talks to shares a network with a data store (projects without a recorded plan).",
    mend: "put the store and its readers on a network of their own, internal: true",
  },
  "image-unpinned": {
    severity: "error",
    says: "An image without a tag, or with one that moves by design, in a Compose file or a Dockerfile.",
    mend: "name the release, or better the digest: image:1.2.3@sha256:…",
  },
  "variable-unset": {
    severity: "warning",
    says: "A variable without a default that neither .env nor .env.example sets.",
    mend: "give it a default, or put it into .env.example",
  },
  "tls-protocol": {
    severity: "error",
    says: "nginx is told to speak a protocol older than TLS 1.2, or than 1.3 where the project answered tls: modern.",
    mend: "ssl_protocols TLSv1.3;",
  },
  crlf: {
    severity: "error",
    says: "Windows line ends in a file that Linux reads.",
    mend: "* text=auto eol=lf in .gitattributes, then git add --renormalize .",
  },
  "exec-bit": { severity: "error", says: "A script lost its executable bit.", mend: "chmod +x, and git update-index --chmod=+x" },
  "allow-without-reason": {
    severity: "error",
    says: "An allow comment names no reason, or no rule that there is.",
    mend: "# breakwater: allow RULE the reason, in a sentence",
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleId = keyof typeof RULES;
