import type { Problem } from "@breakwater/model";

/** What the disk said, as a problem with a next step. */
export function problemOfError(error: unknown, at: string): Problem {
  const { code, path, message } = error as NodeJS.ErrnoException;
  const place = path ?? at;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return {
        code: "disk-full",
        at: place,
        message: "the disk is full; nothing was left behind",
        hint: "free some space and run the same command again",
      };
    case "EFBIG":
      return {
        code: "disk-full",
        at: place,
        message: "a limit on file sizes was hit (ulimit -f)",
        hint: "raise the limit and run the same command again",
      };
    case "EACCES":
    case "EPERM":
      return { code: "not-permitted", at: place, message: "no permission to write here", hint: "choose a folder of your own" };
    case "EROFS":
      return { code: "not-permitted", at: place, message: "the file system is read-only", hint: "choose another folder" };
    case "ENOTDIR":
      return { code: "target-not-folder", at: place, message: "a file stands where a folder is needed", hint: "choose another folder" };
    case "ENAMETOOLONG":
      return { code: "name-too-long", at: place, message: "the path is longer than this file system can hold", hint: "choose a shorter one" };
    default:
      return { code: "write-failed", at: place, message, hint: "nothing was left behind; choose another folder, or mend what the message says" };
  }
}
