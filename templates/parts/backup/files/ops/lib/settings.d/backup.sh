# shellcheck shell=bash
# Settings, secrets or certificates were made or changed, or the project is about to start: the next backup must hold them.
# shellcheck source=../backup.sh
. "$OPS/lib/backup.sh"
load_backup
backup_folders
stage_host_files
