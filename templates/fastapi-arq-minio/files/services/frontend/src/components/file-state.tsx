import { skipToken, useQuery } from "@tanstack/react-query";
import { fileKeys } from "../api/files";
import type { FileState, StoredFile } from "../api/types";

const WORDS: Record<FileState, string> = {
  pending: "Waiting for the worker",
  processing: "Being read",
  done: "Checked",
  failed: "Failed",
};

const CLASSES: Record<FileState, string> = { pending: "pending", processing: "running", done: "done", failed: "failed" };

export function FileStateBadge({ file }: { readonly file: StoredFile }) {
  // Events write it, nobody fetches it.
  const { data: progress } = useQuery<number | null>({ queryKey: fileKeys.progress(file.id), queryFn: skipToken });
  const percent = file.state === "processing" && typeof progress === "number" && progress > 0 ? ` ${progress} %` : "";
  return (
    <span className={`badge ${CLASSES[file.state]}`}>
      {WORDS[file.state]}
      {percent}
    </span>
  );
}
