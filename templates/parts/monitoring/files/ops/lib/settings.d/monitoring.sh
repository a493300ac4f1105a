# shellcheck shell=bash disable=SC2153
# Settings were made or changed, or the project is about to start: which pages of which site are looked at.

# site_name: the first name of DOMAIN that is one; a wildcard is none.
site_name() {
  local name
  while IFS= read -r name; do
    case $name in .* | '*' | \[*) ;; *) printf '%s\n' "$name"; return ;; esac
  done < <(domains)
  echo localhost
}

private_dir "$STATE"
mkdir -p -- "$STATE/monitoring" "$STATE/backup"
chmod 0755 "$STATE/monitoring"
name=$(site_name)
{
  printf '['
  comma=''
  # In development the edge has no HTTPS, so there is nothing to look at.
  [ "${MODE:-production}" = development ] || while IFS=$'\t' read -r _ _ page _; do
    printf '%s\n  { "targets": ["https://%s.probe:8443%s"], "labels": { "__param_hostname": "%s", "page": "%s" } }' "$comma" "$(fact EDGE_SERVICE)" "$page" "$name" "$page"
    comma=,
  done < <(rows smoke.tsv)
  printf '\n]\n'
} >"$STATE/monitoring/.edge.new"
chmod 0644 "$STATE/monitoring/.edge.new"
mv -f -- "$STATE/monitoring/.edge.new" "$STATE/monitoring/edge.json"
