const EXIT = `Exit codes
  0 done   1 failure   2 usage or missing answers   5 written with conflicts
  130 interrupted   143 terminated
`;

const HELP: Readonly<Record<string, string>> = {
  breakwater: `Usage: breakwater <command> [options]

Scaffolds whole, production-hardened Docker Compose projects.

Commands
  create [dir]   write a new project
  list           show the stacks and their options

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
