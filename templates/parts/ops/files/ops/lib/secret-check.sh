# shellcheck shell=bash
# "ops/secrets check": the files by themselves, then (lib/secret-live.sh) whether what runs takes their values.

# placeholder VALUE
placeholder() {
  local lower
  lower=$(printf '%s' "$1" | LC_ALL=C tr '[:upper:]' '[:lower:]')
  case $lower in
    *change*me* | *placeholder* | *example* | *password* | *secret* | *todo* | *replace* | *insert* | xxx* | admin | test) return 0 ;;
  esac
  [ -z "${lower//"${lower:0:1}"/}" ]
}

check_git() { # PATH LABEL
  command -v git >/dev/null 2>&1 && git -C "$ROOT" rev-parse --is-inside-work-tree >/dev/null 2>&1 || return 0
  if git -C "$ROOT" ls-files --error-unmatch -- "$1" >/dev/null 2>&1; then
    finding "$2 is tracked by git" "git rm --cached '$2', then ops/secrets rotate$AT ${2##*/}: the value stays in the history"
  elif case $1 in "$ROOT"/*) ! git -C "$ROOT" check-ignore -q -- "$1" ;; *) false ;; esac; then
    finding "$2 is not ignored by git" "add '/$(shown "$SECRETS")/' to .gitignore"
  fi
}

# shellcheck disable=SC2153 # VALUE and LINES are secret-files.sh's
check_value() { # NAME KIND BYTES FILE
  local value again="rm -f '$4' && ops/secrets init$AT (where it is in use: ops/secrets rotate$AT $1)"
  if [ "$(tail -c 1 "$4" | od -An -tx1 | tr -d ' \n')" = 0a ]; then
    finding "$1 ends with a newline" "it becomes part of the password: write the file again with printf '%s'"
  fi
  lines_of "$4"
  for value in ${LINES[@]+"${LINES[@]}"}; do
    if [ "$2" = given ]; then
      continue
    elif [ "$2" = base64 ]; then
      case $value in *[!A-Za-z0-9+/=]*) finding "$1 is no base64" "$again" ;; esac
      [ "${#value}" -ge $((4 * $3 / 3)) ] || finding "$1 is shorter than $3 bytes" "$again"
    elif placeholder "$value"; then
      finding "$1 is a placeholder" "$again"
    elif [ "$2" = hex ]; then
      case $value in *[!0-9a-f]*) finding "$1 is not hexadecimal" "other characters break URLs and configuration lines: generate it anew" ;; esac
      [ "${#value}" -ge $((2 * $3)) ] || finding "$1 is shorter than $3 bytes" "$again"
    fi
  done
  check_lines "$1"
}

# check_lines NAME: more than one value is good only while a rotation runs, or while the old key of signatures is kept.
check_lines() {
  local name=$1 days age
  if [ -d "$SECRETS/.rotate/$name" ]; then
    finding "the rotation of $name is not finished" "ops/secrets rotate$AT $name"
  elif [ "${#LINES[@]}" -gt 1 ]; then
    secret_row "$name"
    days=${ROTATE#file:}
    age=$((($(date +%s) - $(file_mtime "$SECRETS/$name")) / 86400))
    if [ "$days" = "$ROTATE" ]; then finding "$name holds ${#LINES[@]} values" "ops/secrets rotate$AT $name --force"
    elif [ "$age" -ge "$days" ]; then finding "the value that $name had $age days ago is still believed" "ops/secrets retire$AT $name"; fi
  fi
}

# check_mode NAME FILE
check_mode() {
  local mode wanted uid
  mode=$(file_mode "$2")
  read -r wanted uid <<<"$(mode_of "$1")"
  if [ -n "$uid" ]; then
    [ "$mode" = "$wanted" ] && [ "$(file_owner "$2")" = "$uid" ] ||
      finding "$1 has mode $mode and belongs to $(file_owner "$2"): others than the service (uid $uid) may read it" "chown $uid:$uid '$2' && chmod $wanted '$2'"
  elif [ "$mode" != "$wanted" ]; then
    finding "$1 has mode $mode, not $wanted" "chmod $wanted '$2' (the directory's 0700 keeps other users out)"
  fi
}

# shellcheck disable=SC2153 # VALUE is secret-files.sh's
check_secret_files() {
  local name kind bytes derive _ file mode
  if [ ! -d "$SECRETS" ]; then
    finding "$(shown "$SECRETS") is missing" "ops/secrets init$AT"
    return
  fi
  mode=$(file_mode "$SECRETS")
  [ "$mode" = 700 ] || finding "$(shown "$SECRETS") has mode $mode, not 700" "chmod 700 '$SECRETS'"
  while IFS=$'\t' read -r name kind bytes derive _; do
    file=$SECRETS/$name
    if [ -L "$file" ]; then
      finding "$name is a symbolic link" "put the file itself there: Docker mounts what the link names"
    elif [ ! -f "$file" ]; then
      if [ "$kind" = given ]; then finding "$name is missing" "ops/secrets set$AT $name"; else finding "$name is missing" "ops/secrets init$AT"; fi
    elif [ ! -s "$file" ]; then
      finding "$name is empty" "rm -f '$file' && ops/secrets init$AT"
    else
      check_mode "$name" "$file"
      check_git "$file" "$(shown "$file")"
      if [ "$kind" != derived ]; then
        check_value "$name" "$kind" "$bytes" "$file"
      elif value_of "$file" && [ "$VALUE" != "$(derived "$derive" 2>/dev/null || :)" ]; then
        finding "$name does not match its source (${derive#*:})" "ops/secrets rotate$AT ${derive#*:} --force"
      fi
    fi
  done < <(rows secrets.tsv)
}

check() {
  check_secret_files
  provider_check
  if stack_runs; then check_live; fi
  stop_on_findings
  say "secrets: all present, private and well-formed${LIVE:+, and $LIVE}"
}
