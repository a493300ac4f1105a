# shellcheck shell=bash
# What ops/isolation finds out. Each check calls mismatch WHAT DO; the files in $WORK are described in lib/probe.sh.

mismatch() { printf '%s\t%s\n' "$1" "$2" >>"$WORK/mismatches"; }

# check_services: what must run does; anything else of this project is a stranger.
check_services() {
  local service kind known
  while IFS=$'\t' read -r service kind _; do
    if ! awk -F '\t' -v s="$service" '$1 == s { found = 1 } END { exit !found }' "$WORK/facts"; then
      [ "$kind" = standby ] || die "$service has no container, so its row and column cannot be proven" "ops/up$AT"
    elif [ "$kind" = long-running ]; then
      awk -F '\t' -v s="$service" '$1 == s && $3 == "running" { found = 1 } END { exit !found }' "$WORK/facts" ||
        die "$service does not run, so its row and column cannot be proven" "ops/health$AT"
    fi
  done < <(services_now)
  known=$(rows services.tsv | cut -f 1)
  cut -f 1 "$WORK/facts" | sort -u | while read -r service; do
    printf '%s\n' "$known" | grep -Fx -- "$service" >/dev/null || mismatch "$service runs but is not declared" "remove it, or declare it: ops/data/services.tsv is what the project allows"
  done
}

# check_membership: each container is on exactly its declared networks, and nobody else is on them.
check_membership() {
  local service id nets name network have want key foreign
  while IFS=$'\t' read -r service id _ _ _ nets _; do
    have=$(printf '%s\n' "$nets" | tr ',' '\n' | sed -e 's/=.*//' -e '/^-*$/d' | sort -u | while read -r name; do
      key=$(awk -F '\t' -v n="$name" '$1 == n { print $2 }' "$WORK/nets")
      printf '%s\n' "${key:-$name (not of this project)}"
    done | sort)
    want=$(rows services.tsv | awk -F '\t' -v s="$service" '$1 == s { print $3 }' | tr ',' '\n' | sed '/^-*$/d' | sort)
    while IFS= read -r network; do
      [ -z "$network" ] || mismatch "$service is on the network $network, which it is not declared for" "docker network disconnect ${PROJECT}_${network%% *} ${id:0:12}"
    done < <(comm -23 <(printf '%s\n' "$have") <(printf '%s\n' "$want"))
    while IFS= read -r network; do
      [ -z "$network" ] || mismatch "$service is not on the network $network" "ops/up$AT (it recreates what differs)"
    done < <(comm -13 <(printf '%s\n' "$have") <(printf '%s\n' "$want"))
  done <"$WORK/facts"
  while IFS=$'\t' read -r name _ _ _ _ nets; do
    for id in $(printf '%s\n' "$nets" | tr ',-' '  '); do
      cut -f 2 "$WORK/facts" | grep -Fx "$id" >/dev/null && continue
      foreign=$(docker inspect --format "{{.Name}} {{index .Config.Labels \"$L_PROJECT\"}}" "$id" 2>/dev/null) || continue
      [ "${foreign#* }" = "$PROJECT" ] || mismatch "the container ${foreign%% *} is on $name but not of this project" "docker network disconnect $name ${foreign%% *}"
    done
  done <"$WORK/nets"
}

check_internal() {
  local key internal actual
  while IFS=$'\t' read -r key internal _; do
    actual=$(awk -F '\t' -v k="$key" '$2 == k { print ($3 == "true" ? "yes" : "no") }' "$WORK/nets")
    if [ -z "$actual" ]; then mismatch "the network $key is missing" "ops/up$AT"
    elif [ "$actual" != "$internal" ] && [ "$internal" = yes ]; then mismatch "the network $key is not internal" "ops/down$AT, then ops/up$AT: a network is not changed while it exists"
    fi
  done < <(rows networks.tsv)
}

# check_published: only what published.tsv names is published, and it answers.
check_published() {
  local service host port target
  while read -r service; do
    while IFS=$'\t' read -r host port target; do
      if ! rows published.tsv | awk -F '\t' -v s="$service" -v p="$target" '$1 == s && $4 == p { ok = 1 } END { exit !ok }'; then
        mismatch "$service:$target is published on $host:$port" "take it out of 'ports', then ops/up$AT"
      elif [ -n "$LOCAL" ] && ! tcp_open "$host" "$port" 3; then
        mismatch "$service:$target does not answer on $host:$port" "ops/health$AT"
      fi
    done < <(bindings_in "$WORK/facts" "$service")
  done < <(cut -f 1 "$WORK/facts" | sort -u)
}

# check_host_way_in: container addresses on internal networks must not answer this host. Asked only where the host has
# a route of its own to them; without one nothing is sent.
check_host_way_in() {
  local service ports pair name ip port
  [ -n "$LOCAL" ] || return 0
  while IFS=$'\t' read -r service _ _ ports _; do
    [ "$ports" != - ] || continue
    for pair in $(awk -F '\t' -v s="$service" '$1 == s && $3 == "running" { print $6 }' "$WORK/facts" | tr ',' '\n'); do
      name=${pair%%=*}
      ip=${pair#*=}
      grep -Fqx "$ip" "$WORK/routed" || continue
      awk -F '\t' -v n="$name" '$1 == n && $3 == "true" { found = 1 } END { exit !found }' "$WORK/nets" || continue
      for port in $(printf '%s' "$ports" | tr ',' ' '); do
        if tcp_open "$ip" "$port" 1; then
          mismatch "this host reaches $service at $ip:$port ($name)" "set driver_opts com.docker.network.bridge.inhibit_ipv4: \"true\" on that network, then ops/down$AT and ops/up$AT"
        fi
      done
    done
  done < <(services_now)
}

# prepare_rows: who is probed, and what it tries.
prepare_rows() {
  local service id status nets row number=0 way_out
  while IFS=$'\t' read -r service id status _ _ nets _; do
    case $status in running) ;; exited | created) [ "$(services_now | awk -F '\t' -v s="$service" '$1 == s { print $2 }')" = one-shot ] || continue ;; *) continue ;; esac
    number=$((number + 1))
    row=$WORK/rows/$number
    mkdir -p "$row"
    printf '%s\t%s\t%s\n' "$service" "$id" "$status" >"$row/who"
    way_out=$(printf '%s\n' "$nets" | tr ',' '\n' | sed 's/=.*//' | awk -F '\t' 'NR == FNR { mine[$1] = 1; next } ($1 in mine) && $3 != "true" && !n++ { print 1 }' - "$WORK/nets")
    targets_of "$service" "$way_out" >"$row/targets"
    [ -n "$way_out" ] || [ -z "$LOCAL" ] || out_targets "$nets" >>"$row/targets"
  done <"$WORK/facts"
}

# present: the rows of services.tsv without copies that stand by and do not run: nothing can be proven of them.
present() {
  services_now | awk -F '\t' 'FILENAME == ARGV[1] { if ($3 == "running") on[$1]; next } $2 != "standby" || $1 in on' "$WORK/facts" -
}

# whole_matrix: from, to, port, expect, why for every pair: reach.tsv lists what is open (a flow) or exposed (a shared network), the rest is closed.
whole_matrix() {
  awk -F '\t' -v OFS='\t' '
    FNR == NR { name[++n] = $1; nets[n] = $3; ports[n] = $4; next }
    { open[$1, $2, $3] = $4; why[$1, $2, $3] = $5 }
    END {
      for (i = 1; i <= n; i++) for (j = 1; j <= n; j++) if (i != j && ports[j] != "-") {
        m = split(ports[j], port, ","); shared = "no network in common"
        k = split(nets[i], mine, ",")
        for (x = 1; x <= k; x++) if (index("," nets[j] ",", "," mine[x] ",")) shared = "listens only on its callers\047 network"
        for (x = 1; x <= m; x++) if ((name[i], name[j], port[x]) in open) print name[i], name[j], port[x], open[name[i], name[j], port[x]], why[name[i], name[j], port[x]]
          else print name[i], name[j], port[x], "closed", shared
      }
    }' <(present) <(rows reach.tsv)
}

# cells: from, to, port, expect, got (open|closed), by (name|address|-), why.
cells() {
  local row
  for row in "$WORK"/rows/*; do
    sed "s/^/$(cut -f 1 "$row/who")	/" "$row/results"
  done | awk -F '\t' -v OFS='\t' '
    FNR == NR { if ($2 == "P" && $3 !~ /^out:/) { split($3, t, ":"); how = (t[3] == "name" ? "name" : "address"); if ($4 == "open") open[$1, t[1], t[2], how] = 1 } next }
    $3 == "-" { next }
    {
      name = (($1, $2, $3, "name") in open); address = (($1, $2, $3, "address") in open)
      print $1, $2, $3, $4, (name || address ? "open" : "closed"), (name ? "name" : address ? "address" : "-"), $5
    }' - "$WORK/reach"
}

# retry_rows: an open cell that stayed closed is asked again with patience, since a busy host answers late.
retry_rows() {
  local row again=''
  awk -F '\t' '$4 == "open" && $6 != "name" || $4 == "exposed" && $6 == "-" { print $1 "\t" $2 ":" $3 ":" }' "$WORK/cells" >"$WORK/again"
  for row in "$WORK"/rows/*; do
    awk -F '\t' -v from="$(cut -f 1 "$row/who")" 'FILENAME == ARGV[1] { if ($1 == from) id[$2] = 1; next } { split($0, w, " "); p = w[1]; sub(/[^:]*$/, "", p); if (p in id) print }' "$WORK/again" "$row/targets" >"$row/next"
    mv "$row/next" "$row/targets"
    [ ! -s "$row/targets" ] || again=yes
  done
  [ -n "$again" ] || return 0
  probe_all 5
  cells >"$WORK/cells"
}

check_cells() {
  local from to port expect got by why
  while IFS=$'\t' read -r from to port expect got by why; do
    if [ "$expect" = closed ] && [ "$got" = open ]; then
      mismatch "$from reaches $to:$port (by $by), which is not allowed" "see the networks of both: docker inspect; what may be is in ops/data/reach.tsv ($why)"
    elif [ "$expect" != closed ] && [ "$by" = - ]; then
      mismatch "$from does not reach $to:$port ($why)" "ops/health$AT, then ops/logs$AT $to"
    elif [ "$expect" = open ] && [ "$by" = address ]; then
      mismatch "$from reaches $to:$port by address but not by its name" "give $to its name on the network that both share"
    fi
  done <"$WORK/cells"
}

check_way_out() {
  local row service where
  for row in "$WORK"/rows/*; do
    service=$(cut -f 1 "$row/who")
    awk -F '\t' '$1 == "P" && $2 ~ /^out:/ && ($3 == "open" || $3 == "refused") { sub(/^out:/, "", $2); sub(/:[0-9]+$/, "", $2); print $2 }' "$row/results" | sort -u | while read -r where; do
      mismatch "$service reaches this host at $where, though its networks are internal" "set driver_opts com.docker.network.bridge.inhibit_ipv4: \"true\" on them, then ops/down$AT and ops/up$AT"
    done
  done
}

# check_listeners: every listening port that other containers could meet is declared, and every declared one listens.
check_listeners() {
  local row service status port declared listening
  for row in "$WORK"/rows/*; do
    IFS=$'\t' read -r service _ status <"$row/who"
    [ "$status" = running ] || continue
    declared=$(rows services.tsv | awk -F '\t' -v s="$service" '$1 == s { print $4 }' | tr ',' '\n' | sed '/^-*$/d' | sort)
    listening=$(awk -F '\t' '$1 == "L" { split($2, a, ":"); if (a[1] ~ /^......7F$/ || a[1] ~ /^0+01000000$/ || a[1] ~ /FFFF0000......7F$/) next; print a[2] }' "$row/results" |
      sort -u | while read -r port; do echo $((16#$port)); done | sort)
    while read -r port; do
      [ -z "$port" ] || mismatch "$service listens on port $port, which is not declared" "stop it, or bind it to 127.0.0.1, or declare it in the stack"
    done < <(comm -23 <(printf '%s\n' "$listening") <(printf '%s\n' "$declared"))
    while read -r port; do
      [ -z "$port" ] || mismatch "$service does not listen on its port $port, so closed cells to it prove nothing" "ops/logs$AT $service"
    done < <(comm -13 <(printf '%s\n' "$listening") <(printf '%s\n' "$declared"))
  done
}

# matrix: rows from, columns to:port. A mismatch stands in capitals.
matrix() {
  awk -F '\t' -v OFS='\t' '
    { if (!($1 in seen)) { seen[$1] = 1; from[++n] = $1 } c = $2 ":" $3; if (!(c in col)) { col[c] = 1; to[++m] = c }
      want = ($4 == "closed" ? "closed" : "open"); good = (want == $5 && !($4 == "open" && $6 == "address"))
      cell[$1, c] = (good ? ($5 == "open" ? "open" : "·") : ($5 == "open" ? "OPEN!" : "SHUT!")) }
    END {
      line = "from \\ to"; for (j = 1; j <= m; j++) line = line OFS to[j]; print line
      for (i = 1; i <= n; i++) { line = from[i]; for (j = 1; j <= m; j++) line = line OFS (((from[i], to[j]) in cell) ? cell[from[i], to[j]] : " "); print line }
    }' "$WORK/cells" | table
}
