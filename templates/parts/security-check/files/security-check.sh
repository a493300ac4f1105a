#!/usr/bin/env bash
# Looks with trivy for known vulnerabilities in images and locked dependencies, for secrets in files, for weak settings.
set -euo pipefail
# shellcheck source=ops/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/ops/lib.sh"
ME=./security-check.sh
# shellcheck source=ops/lib/security-check.sh
. "$OPS/lib/security-check.sh"

usage() {
  cat <<'TEXT'
usage: ./security-check.sh [SERVICE…] [--only images|files|config]… [--severity LEVEL] [--sbom FOLDER] [--container] [--instance NAME]

  SERVICE          look at the images of these services; without any, at every image that production runs
  --only WHAT      images: packages in the images that production runs, as they are on this host
                   files: locked dependencies, and secrets that were put into a file of the project
                   config: Dockerfiles
                   Without it all three; with a SERVICE, its image alone.
  --severity LEVEL the least that counts: LOW, MEDIUM, HIGH (without it), CRITICAL
  --all            also vulnerabilities for which there is no update yet
  --sbom FOLDER    also write what each image consists of, as FOLDER/IMAGE.cdx.json (CycloneDX)
  --container      run the scanner's image that .github/scanner/Dockerfile pins, in place of a trivy of this host

What is accepted on purpose stands in .trivyignore, with its reason.

exit codes: 0 nothing of that severity · 1 something could not be looked at · 2 usage · 3 findings
TEXT
}

ONLY='' SEVERITY=HIGH SBOM='' CONTAINER='' UNFIXED=--ignore-unfixed SERVICES=()
while [ $# -gt 0 ]; do
  if common_option "$@"; then shift "$TAKEN"; continue; fi
  case $1 in
    --only) need_value "$@"; ONLY="$ONLY $2"; shift ;;
    --only=*) ONLY="$ONLY ${1#*=}" ;;
    --severity) need_value "$@"; SEVERITY=$2; shift ;;
    --severity=*) SEVERITY=${1#*=} ;;
    --sbom) need_value "$@"; SBOM=$2; shift ;;
    --sbom=*) SBOM=${1#*=} ;;
    --all) UNFIXED='' ;;
    --container) CONTAINER=yes ;;
    -*) bad_usage "unknown argument '$1'" ;;
    *) SERVICES+=("$1") ;;
  esac
  shift
done
need_data project.env services.tsv
for word in $ONLY; do case $word in images | files | config) ;; *) bad_usage "--only knows images, files and config, not '$word'" ;; esac; done
LEVELS=$(levels_from "$SEVERITY") || bad_usage "--severity knows LOW, MEDIUM, HIGH and CRITICAL, not '$SEVERITY'"
for service in ${SERVICES[@]+"${SERVICES[@]}"}; do
  rows services.tsv | cut -f 1 | grep -Fx -- "$service" >/dev/null || bad_usage "there is no service '$service'; there are: $(rows services.tsv | cut -f 1 | tr '\n' ' ')"
done
if [ -z "$ONLY" ]; then [ "${#SERVICES[@]}" -eq 0 ] && ONLY='images files config' || ONLY=images; fi
load_instance
work_dir
# shellcheck disable=SC2034 # the library's variable
MODE=production
choose_scanner
FAILED=0
for what in $ONLY; do "look_at_$what"; done
say ''
if [ "$FAILED" -ne 0 ]; then die "something could not be looked at, see above: this is no clean result" "mend it, then run $ME again"; fi
if [ "$FOUND" -ne 0 ]; then
  note "$ME: findings of $SEVERITY or worse in $FOUND place(s)"
  note "  next: docs/security/security-check.md"
  exit 3
fi
say "nothing of $SEVERITY or worse"
