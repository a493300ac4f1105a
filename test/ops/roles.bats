#!/usr/bin/env bats
# shellcheck disable=SC2016 # for another shell
load project

# The scripts that make roles read /run/secrets, which here is a folder of the test; psql shows what it is told.
setup() {
  cd "$BATS_TEST_TMPDIR" || return
  mkdir init secrets bin
  cp "$OPS_TESTS"/../../templates/parts/{postgres,monitoring-postgres}/files/services/db/init/* init/
  sed -i "s|/run/secrets|$PWD/secrets|" init/secret.bash
  for name in postgres db_owner db_app db_backup db_monitor; do printf '%064d\n' 1 >"secrets/${name}_password"; done
  printf '#!/bin/sh\necho "as $PGPASSWORD"\ncat\n' >bin/psql
  chmod +x bin/psql
  export PATH=$PWD/bin:$PATH POSTGRES_DB=app
}

@test "HARD-4 during a rotation roles are made with the value on the first line" {
  new=$(printf '%064d' 2)
  for name in postgres db_app db_monitor; do printf '%s\n%064d\n' "$new" 1 >"secrets/${name}_password"; done
  for script in 10-roles.sh 20-monitor.sh; do
    run -0 "init/$script"
    [[ "$output" == *"as $new"* && "$output" == *"PASSWORD '$new'"* ]]
    # An image sources what has lost its executable bit.
    run -0 bash -c '. "$0"' "init/$script"
    [[ "$output" == *"PASSWORD '$new'"* ]]
  done
}

@test "HARD-4 a secret that is missing, or could end the statement that it stands in, is refused by the script's name" {
  printf "x'; DROP ROLE app; --\n" >secrets/db_monitor_password
  run -1 init/20-monitor.sh
  [[ "$output" == "20-monitor.sh: $PWD/secrets/db_monitor_password must hold 16 or more of A-Z a-z 0-9 _ -" ]]
  rm secrets/db_owner_password
  run -1 init/10-roles.sh
  [[ "$output" == "10-roles.sh: $PWD/secrets/db_owner_password is missing. On the host: ops/secrets init" ]]
}
