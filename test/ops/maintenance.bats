#!/usr/bin/env bats
load project

setup() {
  project
  fake_docker
  cp .env.example .env
  cp -R "$OPS_TESTS/../../templates/parts/nginx-edge/files/nginx" .
}

edge() { printf '%s' "state/edge/$1"; }

@test "PROD-7 on writes page, problem and flag for the edge's user, off takes them back; both are safe twice" {
  run -0 ops/maintenance on
  [[ "$output" == *"the edge does not run; this counts when it starts"* && "$output" == *"maintenance is on since 20"* ]]
  [ "$(stat -c %a state "$(edge .)" "$(edge allow)" "$(edge maintenance)" "$(edge maintenance.html)" "$(edge maintenance.json)" | tr '\n' ' ')" = '700 755 755 644 644 644 ' ]
  since=$(sed -n 1p "$(edge maintenance)")
  run -0 ops/maintenance on --message 'Another one'
  [[ "$output" == *"since $since: Another one"* ]]
  run -0 ops/maintenance status
  [[ "$output" == *"Another one" ]]
  run -0 ops/maintenance off
  [ ! -e "$(edge maintenance)" ]
  run -0 ops/maintenance off
  [[ "$output" == *"maintenance is off" ]]
}

@test "PROD-7 a message cannot become HTML, JSON or a command of nginx" {
  message='<script>"x"</script> & \ $host %SINCE% <!--# echo var="x" --> it'"'"'s'
  ops/maintenance on --message "$message"
  run ! grep -q '<script>' "$(edge maintenance.html)"
  grep -qF '&lt;script&gt;&quot;x&quot;&lt;/script&gt; &amp; \ $host %SINCE% &lt;!--# echo' "$(edge maintenance.html)"
  run ! grep -q '%MESSAGE%' "$(edge maintenance.html)"
  # One command of nginx is in the JSON, which is ours.
  [ "$(grep -o '<!--#' "$(edge maintenance.json)" | wc -l)" -eq 1 ]
  sed 's/<!--# echo var="req_id" -->/id/' "$(edge maintenance.json)" | node -e 'process.exit(JSON.parse(require("fs").readFileSync(0)).detail === process.argv[1] ? 0 : 1)' "$message"
}

@test "PROD-7 allowed addresses are names of files, so nothing else passes" {
  run -0 ops/maintenance on --allow 203.0.113.7 --allow=2001:DB8::7
  [ "$(ls "$(edge allow)")" = $'2001:db8::7\n203.0.113.7' ]
  run -0 ops/maintenance on --allow 203.0.113.8
  [ "$(ls "$(edge allow)")" = 203.0.113.8 ]
  for bad in ../x /etc/passwd 203.0.113.0/24 . .. '*' 'a b' '' x; do
    run -2 ops/maintenance on --allow "$bad"
  done
  run -0 ops/maintenance off
  [ -z "$(ls "$(edge allow)")" ]
}

@test "usage: one command, a message of one line, and both options with on alone" {
  run -2 ops/maintenance
  run -2 ops/maintenance on off
  run -2 ops/maintenance on --message $'two\nlines'
  run -2 ops/maintenance off --message x
  run -2 ops/maintenance status --allow 203.0.113.7
  run -0 ops/maintenance --help
  [ ! -e state ]
}

@test "the page is the project's own, and one that is missing is said" {
  printf '<p>Ours: %%MESSAGE%% (%%SINCE%%)</p>\n' >nginx/pages/maintenance.html
  ops/maintenance on --message Hello
  grep -qE '^<p>Ours: Hello \(20[0-9-]+ [0-9:]+ UTC\)</p>$' "$(edge maintenance.html)"
  rm nginx/pages/maintenance.html
  run -1 ops/maintenance on
  [[ "$output" == *"nginx/pages/maintenance.html is missing"* ]]
}

@test "an instance has a page of its own" {
  mkdir -p instances/second
  printf 'COMPOSE_PROJECT_NAME=x-second\nSTATE_DIR=./instances/second/state\n' >instances/second/.env
  ops/maintenance on --instance second
  [ -e instances/second/state/edge/maintenance ]
  [ ! -e state/edge/maintenance ]
}
