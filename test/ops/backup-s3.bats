#!/usr/bin/env bats
# shellcheck disable=SC2030,SC2031 # the variables are the programs'
load project

setup() {
  backup_project
  sed -i -e 's/$/\t-\t-/' -e '/^db\t/s/-\t-$/database\tsql/' ops/data/services.tsv
  printf 'backup\tlong-running\tdata,offsite\t-\t64\tbackup\t-\n' >>ops/data/services.tsv
  {
    printf 'restic_password\thex\t32\t-\tbackup\topens the backups\tfile\t-\n'
    for name in s3_key_id s3_secret_key; do printf '%s\tgiven\t32\t-\tbackup\tthe object storage\tfile\t-\n' "$name"; done
  } >>ops/data/secrets.tsv
  echo 'BACKUP_S3_URL=https://s3.example.com/bucket/shop' >>.env
}

@test "PROD-11 keys of the storage: asked for, taken from standard input, changed in place, never generated or rotated" {
  run -1 ops/secrets init
  [[ "$output" == *"not here yet: s3_key_id s3_secret_key"*"next: ops/secrets set s3_key_id"* ]]
  [ -s secrets/restic_password ] && [ ! -e secrets/s3_key_id ]
  printf 'AKIDEXAMPLE' | ops/secrets set s3_key_id
  printf 'one/two+three=\r\n' | ops/secrets set s3_secret_key
  [ "$(cat secrets/s3_key_id secrets/s3_secret_key)" = 'AKIDEXAMPLEone/two+three=' ]
  [ "$(stat -c %a secrets/s3_secret_key)" = 444 ]
  run -0 ops/secrets init
  inode=$(stat -c %i secrets/s3_secret_key)
  printf 'short' | ops/secrets set s3_secret_key
  [ "$(cat secrets/s3_secret_key)" = short ] && [ "$(stat -c %i secrets/s3_secret_key)" = "$inode" ]
  run -0 ops/secrets check
  for bad in '' 'two words'; do run -1 ops/secrets set s3_key_id <<<"$bad"; done
  run -2 ops/secrets rotate s3_key_id
  [[ "$output" == *"ops/secrets set s3_key_id"* ]]
  run -2 ops/secrets set restic_password <<<x
  [ "$(tar -xOf state/host/host.tar secrets/s3_key_id)" = AKIDEXAMPLE ]
}

@test "PROD-12 restore with object storage: says what is missing, and hands the keys on as files" {
  mkdir -m 0700 secrets && echo x >secrets/restic_password
  sed -i '/^BACKUP_S3_URL/d' .env
  run -1 ops/restore --yes
  [[ "$output" == *"BACKUP_S3_URL is empty"* ]]
  export BACKUP_S3_URL=https://s3.example.com/bucket/shop
  run -1 ops/restore --yes
  [[ "$output" == *"secrets/s3_key_id is missing"*"next: ops/secrets set s3_key_id"* ]]
  printf key-of-mine >secrets/s3_key_id
  printf secret-of-mine >secrets/s3_secret_key
  FAKE_LOG=$PWD/log FAKE_SETS_ERROR='Fatal: wrong password or no key found' run -1 ops/restore --yes
  [[ "$output" == *"the password does not open https://s3.example.com/bucket/shop"* ]]
  grep -q -- "--network bridge -e RESTIC_REPOSITORY=s3:https://s3.example.com/bucket/shop .*/secrets/s3_secret_key:/run/secrets/s3_secret_key:ro" log
  run ! grep -q 'of-mine' log
  [ "$(stat -c %a tls tls/backup-storage | tr '\n' ' ')" = '700 755 ' ]
  [ ! -e backups ]
}

@test "ISO-6 an instance that names the first one's bucket and folder is refused" {
  mkdir -p instances/staging
  cp .env instances/staging/.env
  run -1 ops/backup --instance staging
  [[ "$output" == *"write another BACKUP_S3_URL into instances/staging/.env"* ]]
}

# storage COMMAND…: the image's own words, with a restic that does as FAKE_RESTIC says.
storage() {
  mkdir -p fake run
  printf 'key-of-mine\n' >run/s3_key_id
  printf 'secret-of-mine' >run/s3_secret_key
  # shellcheck disable=SC2016 # the fake's own
  printf '#!/bin/sh\n%s\n' "$FAKE_RESTIC" >fake/restic
  chmod +x fake/restic
  TMPDIR=$PWD PATH=$PWD/fake:$PATH BACKUP_SECRETS=$PWD/run RESTIC_REPOSITORY=s3:https://x/b BACKUP_STORAGE_SECONDS=1 bash -c '. "$0/lib.sh"; set -e; "$@"' "$BIN" "$@"
}

@test "PROD-11 storage: keys in a file for restic; there, not there, refused, without an end" {
  # shellcheck disable=SC2016 # the fake's own
  FAKE_RESTIC='cat "$AWS_SHARED_CREDENTIALS_FILE"; echo "$RESTIC_CACERT"' run -0 storage repository_config
  [[ "$output" == *"aws_access_key_id = key-of-mine"*"aws_secret_access_key = secret-of-mine"* ]]
  FAKE_RESTIC='echo "repository does not exist" >&2; exit 10' run -4 storage repository_config
  FAKE_RESTIC='echo "Fatal: wrong password" >&2; exit 12' run -1 storage repository_config
  [[ "$output" == *"wrong password"* ]]
  FAKE_RESTIC='echo "Stat(<config/>) returned error, retrying after 1.5s: Stat: Access Denied." >&2; exec sleep 9' run -1 storage repository_config
  [[ "$output" == *"the storage did not let us in for 1 s: Stat: Access Denied."* ]]
}
