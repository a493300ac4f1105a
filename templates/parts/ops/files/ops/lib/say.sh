# shellcheck shell=bash
# Messages and exit codes: 0 done, 1 failure, 2 usage, 3 findings, 75 another run holds the lock.

say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }

# die MESSAGE [NEXT-COMMAND]
die() {
  note "$ME: $1"
  [ -z "${2:-}" ] || note "  next: $2"
  exit 1
}

bad_usage() {
  note "$ME: $1"
  note "  next: $ME --help"
  exit 2
}

# need_value OPTION [VALUE]: the option's value must follow it.
need_value() {
  [ -n "${2:-}" ] || bad_usage "$1 needs a value"
}

# common_option "$@": takes --instance and --help; sets TAKEN for the caller's shift, fails on anything else.
# shellcheck disable=SC2034 # TAKEN is the caller's
common_option() {
  case $1 in
    --instance) need_value "$@"; INSTANCE=$2; TAKEN=2 ;;
    --instance=*) INSTANCE=${1#*=}; [ -n "$INSTANCE" ] || bad_usage "--instance needs a value"; TAKEN=1 ;;
    -h | --help) usage; exit 0 ;;
    *) return 1 ;;
  esac
}

# confirm WORD QUESTION: the operator types WORD; without a terminal nobody can, so it is a usage error.
confirm() {
  local answer
  [ -t 0 ] || bad_usage "this needs a confirmation: type it in a terminal, or pass --yes"
  printf '%s\nType %s to go on: ' "$2" "$1" >&2
  read -r answer || answer=''
  [ "$answer" = "$1" ] || die "not confirmed, nothing was changed"
}

FOUND=0
finding() { # WHAT MEND
  FOUND=$((FOUND + 1))
  say "$1 — $2"
}
stop_on_findings() {
  [ "$FOUND" -eq 0 ] || { note "$ME: $FOUND finding(s)"; exit 3; }
}

# json_string TEXT: one quoted JSON string.
json_string() {
  local s=$1
  s=${s//\\/\\\\}
  s=${s//\"/\\\"}
  s=${s//$'\t'/\\t}
  s=${s//$'\r'/\\r}
  s=${s//$'\n'/\\n}
  printf '"%s"' "$s"
}

# table: aligns tab-separated lines.
table() {
  # Some awks count bytes, so a mark that is more than one is measured as one.
  awk -F '\t' 'function wide(s) { gsub(/·/, ".", s); return length(s) }
    { for (i = 1; i <= NF; i++) { cell[NR, i] = $i; if (wide($i) > w[i]) w[i] = wide($i) }; n[NR] = NF }
    END { for (r = 1; r <= NR; r++) { line = ""
      for (i = 1; i < n[r]; i++) line = line cell[r, i] sprintf("%" (w[i] - wide(cell[r, i]) + 2) "s", "")
      print line cell[r, n[r]] } }'
}
