# shellcheck shell=bash disable=SC2153
# What ./security-check.sh looks at, and with which trivy.

# levels_from LEVEL: it and everything worse, as trivy wants them; fails for another word.
levels_from() {
  case $1 in
    LOW) echo LOW,MEDIUM,HIGH,CRITICAL ;;
    MEDIUM) echo MEDIUM,HIGH,CRITICAL ;;
    HIGH) echo HIGH,CRITICAL ;;
    CRITICAL) echo CRITICAL ;;
    *) return 1 ;;
  esac
}

# choose_scanner: sets TRIVY, the beginning of each command, and PLACE, where it sees this project.
choose_scanner() {
  if [ -n "$CONTAINER" ]; then
    [ -f "$ROOT/.github/scanner/Dockerfile" ] || die ".github/scanner/Dockerfile is missing" "git checkout -- .github/scanner, or install trivy and leave --container away"
    need_engine
    docker build --quiet --tag breakwater-scanner "$ROOT/.github/scanner" >"$WORK/said" 2>&1 ||
      { tail -n 5 "$WORK/said" >&2; die "the scanner's image cannot be had" "docker build .github/scanner"; }
    # The project without the folders of its values; what is scanned is read, and the engine's socket is not there.
    PLACE=/project
    TRIVY=(docker run --rm --cap-drop ALL --security-opt no-new-privileges -v "$ROOT:/project:ro" -v "$WORK:/work" -v breakwater-scanner-cache:/root/.cache/trivy -w /project breakwater-scanner)
    return
  fi
  if ! command -v trivy >/dev/null 2>&1; then
    note "$ME: trivy is not installed, so nothing was looked at. One of:"
    note "    brew install trivy                          macOS"
    note "    https://trivy.dev/latest/getting-started/installation/   packages for Linux: check their signature"
    note "    $ME --container                  the image that .github/scanner/Dockerfile pins by its digest"
    exit 1
  fi
  PLACE=$ROOT
  TRIVY=(trivy)
}

# scan NAME ARGUMENTS…: 0 nothing, 3 findings, anything else is a look that did not happen.
scan() {
  local name=$1 status=0
  shift
  say "== $name"
  "${TRIVY[@]}" "$@" --severity "$LEVELS" --exit-code 3 --quiet || status=$?
  case $status in
    0) say "nothing of $SEVERITY or worse" ;;
    3) FOUND=$((FOUND + 1)) ;;
    *) note "$ME: trivy failed with $status at $name"; FAILED=$((FAILED + 1)) ;;
  esac
}

ignore_file() { [ ! -f "$ROOT/.trivyignore" ] || printf '%s\n' --ignorefile "$PLACE/.trivyignore"; }

# images: what production runs; of these services, where some are named. A copy that stands by may have another version.
images() {
  dc --profile '*' config --images ${SERVICES[@]+"${SERVICES[@]}"} | LC_ALL=C sort -u
}

# look_at_images: each is saved to a file and read there, so that the scanner needs no socket of the engine.
look_at_images() {
  local image file
  need_engine
  images >"$WORK/images" || die "Compose does not say which images production runs" "docker compose -f compose.yaml -f compose.production.yaml config --images"
  while IFS= read -r image <&3; do
    if ! docker image inspect "$image" >/dev/null 2>&1; then
      note "$ME: $image is not on this host"
      note "  next: ops/up --production$AT, or docker pull for an image that is not built here"
      FAILED=$((FAILED + 1))
      continue
    fi
    file=$WORK/image.tar
    docker save --output "$file" "$image"
    chmod 0644 "$file"
    # shellcheck disable=SC2046 # two words or none
    scan "$image" image --input "$(in_work "$file")" --scanners vuln ${UNFIXED:+"$UNFIXED"} $(ignore_file)
    [ -z "$SBOM" ] || write_sbom "$image" "$file"
    rm -f -- "$file"
  done 3<"$WORK/images"
}

# in_work FILE: as the scanner sees it.
in_work() { if [ -n "$CONTAINER" ]; then printf '/work/%s\n' "${1#"$WORK"/}"; else printf '%s\n' "$1"; fi; }

write_sbom() {
  local name
  name=$(printf '%s' "$1" | tr -c 'A-Za-z0-9._-' -)
  mkdir -p -- "$SBOM"
  if "${TRIVY[@]}" image --input "$(in_work "$2")" --format cyclonedx --output "$(in_work "$WORK/sbom.json")" --quiet && [ -s "$WORK/sbom.json" ]; then
    cp -- "$WORK/sbom.json" "$SBOM/$name.cdx.json"
    say "wrote $SBOM/$name.cdx.json"
  else
    note "$ME: what $1 consists of could not be written"
    FAILED=$((FAILED + 1))
  fi
}

# The folders of values and of what they make are no part of what is looked at: a secret belongs there.
skipped() { printf '%s\n' --skip-dirs secrets --skip-dirs tls --skip-dirs state --skip-dirs instances --skip-dirs backups --skip-dirs '**/node_modules' --skip-dirs '**/.venv'; }

look_at_files() {
  # shellcheck disable=SC2046 # one argument a word
  scan "files: locked dependencies, leaked secrets" filesystem --scanners vuln,secret ${UNFIXED:+"$UNFIXED"} $(skipped) $(ignore_file) "$PLACE"
}

look_at_config() {
  # shellcheck disable=SC2046 # one argument a word
  scan "configuration: Dockerfiles" config $(skipped) $(ignore_file) "$PLACE"
}
