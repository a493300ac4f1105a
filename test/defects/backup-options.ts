import type { BootDefect } from "./boot.ts";

/** Of the projects that 66-backup-s3.test.ts and 68-pitr.test.ts boot for themselves. */
export const BACKUP_OPTION_DEFECTS: readonly BootDefect[] = [
  {
    id: "storage-key-in-environment",
    on: "s3",
    breaks: "the key of the object storage is a variable",
    caughtBy: "PROD-11 a backup in object storage is whole",
    apply: (p) =>
      p.patch(
        "compose.yaml",
        "      RESTIC_REPOSITORY: s3:",
        "      AWS_SECRET_ACCESS_KEY: kept-in-files-alone-0123456789abcdef\n      RESTIC_REPOSITORY: s3:",
      ),
  },
  {
    id: "storage-certificate-unverified",
    on: "s3",
    breaks: "anybody's certificate is taken for the storage's",
    caughtBy: "PROD-11 wrong keys, a stranger's certificate",
    apply: (p) => p.patch("services/backup/bin/storage.sh", 'restic --no-cache -q "$@" cat', 'restic --insecure-tls --no-cache -q "$@" cat'),
  },
  {
    id: "storage-restore-needs-folder",
    on: "s3",
    breaks: "a restore looks for a folder although the backups are in a bucket",
    caughtBy: "PROD-12 everything destroyed comes back from object storage",
    apply: (p) => p.patch("ops/lib/backup-s3.sh", "--network bridge", "--network none"),
  },
  {
    id: "recovery-target-ignored",
    on: "pitr",
    breaks: "the log of changes is played to its end, whatever time was asked for",
    caughtBy: "PROD-12 rows come back as they were at a time",
    apply: (p) => p.patch("services/backup/bin/recover", "recovery_target_time = ", "#recovery_target_time = "),
  },
  {
    id: "slot-unbounded",
    on: "pitr",
    breaks: "the database keeps the log for an absent receiver without an end",
    caughtBy: "PROD-11 a receiver that is away is told and does not fill",
    apply: (p) => p.patch("services/db/init/20-pitr.sh", "'1GB'", "'-1'"),
  },
];
