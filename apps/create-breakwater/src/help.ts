const EXIT = `Exit codes
  0 done   1 failure   2 usage or missing answers   3 findings   5 written with conflicts
  130 interrupted   143 terminated
`;

const HELP: Readonly<Record<string, string>> = {
  breakwater: `Usage: breakwater <command> [options]

Scaffolds whole, production-hardened Docker Compose projects.

Commands
  create [dir]   write a new project
  list           show the stacks and their options
  check [dir]    hold a Compose project against our rules

  breakwater <command> --help says more. -V, --version prints the version.

${EXIT}`,
  create: `Usage: create-breakwater [dir] [options]        pnpm create breakwater my-app

Writes a whole project: app code, Dockerfiles, nginx with TLS, networks, secrets, scripts, docs.

Arguments
  dir                    where to; its last part is the project's name

Answers
  --stack ID             which stack (breakwater list)
  --set KEY=VALUE        answer an option; repeatable
  --name NAME            the project's name when it is not the folder's
  --config FILE|-        answers from a YAML or JSON file, or standard input; flags beat the file
  -y, --yes              take the default of everything that was not said
  --no-input             never ask; say what is missing and end with 2 (also without a terminal, and in CI)

Writing
  -C, --cwd DIR          start from this folder
  --on-conflict MODE     error (default), merge or overwrite, when the folder is not empty
  --no-git               no git init, no first commit
  -n, --dry-run          list every file with size and owner, write nothing
  --diff                 with --dry-run: show the contents

Output
  --json                 one JSON document on standard output, on failure too
  -q, --quiet            only problems        -v, --verbose   phases on standard error
  --no-color             no colour (NO_COLOR too)
  -h, --help             this text            -V, --version   the version

Without a terminal
  create-breakwater my-app --stack django-postgres --yes
  create-breakwater my-app --stack django-postgres --set tls=intermediate --set admin=false --yes
  create-breakwater my-app --config answers.yaml

${EXIT}
Environment
  CI           never ask     NO_COLOR     no colour
Generation needs neither Docker nor network. Nothing is sent anywhere.
`,
  check: `Usage: breakwater check [dir] [options]

Reads any Compose project as Compose merges it, and says file and line of what is open, soft or lost: published ports,
hardening, limits, health checks, secrets, networks, images, line ends, modes. Runs nothing of it and needs no engine.
In a project of ours, networks, ports and secrets are held against .breakwater/plan.json.

Arguments
  dir                 the project's folder (default: this one)

Options
  -f, --file PATH     a Compose file below dir; repeatable, merged in this order. Without it: compose.yaml with its
                      override as Docker loads them, and with compose.production.yaml where there is one
  --strict            warnings end with 3 as well
  -C, --cwd DIR       start from this folder
  --json              one JSON document on standard output
  -q, --quiet         findings only
  --no-color          no colour
  -h, --help          this text

Allowing one
  # breakwater: allow RULE the reason, in a sentence
  on the line of the finding, or in a comment right above it or above the service

Examples
  breakwater check
  breakwater check my-app --strict
  breakwater check my-app --file compose.yaml --file compose.staging.yaml --json

${EXIT}`,
  list: `Usage: breakwater list [--json]

Shows every stack with its options, their values and defaults.

  --json       one JSON document
  -h, --help   this text

Examples
  breakwater list
  breakwater list --json

${EXIT}`,
};

/** The help text of a command. */
export function findHelp(command: string): string {
  return HELP[command] ?? HELP["breakwater"] ?? "";
}
