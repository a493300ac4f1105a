# shellcheck shell=bash
# What the scripts of this folder share; each sources it. Its name does not end in .sh: the image runs only files that do.

# read_secret NAME: the value on the first line of the file. During a rotation the second line holds another one that is good.
read_secret() {
  local file=/run/secrets/$1 script=${BASH_SOURCE[1]##*/} value
  [[ -r "$file" ]] || { echo "$script: $file is missing. On the host: ops/secrets init" >&2; exit 1; }
  value=$(head -n 1 "$file")
  [[ "$value" =~ ^[A-Za-z0-9_-]{16,}$ ]] || { echo "$script: $file must hold 16 or more of A-Z a-z 0-9 _ -" >&2; exit 1; }
  printf '%s' "$value"
}
