import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { ApiError } from "../api/errors";
import { fileKeys, MAX_BYTES } from "../api/files";
import { uploadFile } from "../api/upload";
import { bytes } from "./bytes";
import { ErrorNotice } from "./error-notice";

/** The API has few large buffers: more at once would only wait there. */
const AT_ONCE = 2;

type Upload = {
  readonly key: number;
  readonly file: File;
  readonly state: "waiting" | "sending" | "failed";
  /** Between 0 and 1. */
  readonly part: number;
  readonly error: Error | null;
};

/** Chooses files and sends them, a few at a time. Those that arrived leave this list for the one below. */
export function Uploads() {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const [said, setSaid] = useState("");
  const [over, setOver] = useState(false);
  const queryClient = useQueryClient();
  const cancels = useRef(new Map<number, AbortController>());
  const nextKey = useRef(1);
  const id = useId();

  useEffect(() => {
    const running = cancels.current;
    return () => running.forEach((cancel) => cancel.abort());
  }, []);

  useEffect(() => {
    const sending = uploads.filter(({ state }) => state === "sending").length;
    for (const { key, file } of uploads.filter(({ state }) => state === "waiting").slice(0, Math.max(0, AT_ONCE - sending)))
      if (!cancels.current.has(key)) void send(key, file);
  });

  const change = (key: number, changes: Partial<Upload>) =>
    setUploads((current) => current.map((one) => (one.key === key ? { ...one, ...changes } : one)));

  const forget = (key: number) => setUploads((current) => current.filter((one) => one.key !== key));

  function add(files: Iterable<File>): void {
    const added = Array.from(files, (file): Upload => {
      const key = nextKey.current++;
      const tooLarge = file.size > MAX_BYTES;
      return { key, file, state: tooLarge ? "failed" : "waiting", part: 0, error: tooLarge ? largeFile(file) : null };
    });
    setUploads((current) => [...current, ...added]);
  }

  async function send(key: number, file: File): Promise<void> {
    const cancel = new AbortController();
    cancels.current.set(key, cancel);
    change(key, { state: "sending" });
    try {
      await uploadFile(file, { signal: cancel.signal, onProgress: (part) => change(key, { part }) });
      setSaid(`${file.name} was uploaded.`);
      forget(key);
      void queryClient.invalidateQueries({ queryKey: fileKeys.lists });
    } catch (error) {
      if (cancel.signal.aborted) forget(key);
      else change(key, { state: "failed", error: error instanceof Error ? error : new Error(String(error)) });
    } finally {
      cancels.current.delete(key);
    }
  }

  return (
    <section className="uploads" aria-label="Upload">
      <div
        className={over ? "drop over" : "drop"}
        onDragOver={(drag) => {
          drag.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(drop) => {
          drop.preventDefault();
          setOver(false);
          add(drop.dataTransfer.files);
        }}
      >
        <label className="button primary" htmlFor={id}>
          Choose files
        </label>
        <input
          id={id}
          className="visually-hidden"
          type="file"
          multiple
          aria-describedby={`${id}-hint`}
          onChange={({ target }) => {
            add(target.files ?? []);
            target.value = "";
          }}
        />
        <p className="hint" id={`${id}-hint`}>
          Or drop them here: text, images, PDF, ZIP or MP4, up to {bytes(MAX_BYTES)} each.
        </p>
      </div>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {uploads.length > 0 && (
        <ul className="upload-list">
          {uploads.map((upload) => (
            <li key={upload.key}>
              <UploadRow
                upload={upload}
                onCancel={() => {
                  const running = cancels.current.get(upload.key);
                  if (running === undefined) forget(upload.key);
                  else running.abort();
                }}
                onRetry={() => change(upload.key, { state: "waiting", part: 0, error: null })}
              />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

type RowProps = {
  readonly upload: Upload;
  readonly onCancel: () => void;
  readonly onRetry: () => void;
};

function UploadRow({ upload: { file, state, part, error }, onCancel, onRetry }: RowProps) {
  // Another try helps a file that would be taken, not one that is too large or of another kind.
  const hopeless = error instanceof ApiError && [400, 413, 415].includes(error.status);
  return (
    <div className="upload-row">
      <div className="upload-line">
        <span className="upload-name">{file.name}</span>
        <span className="hint">{state === "sending" ? `${Math.floor(part * 100)} % of ${bytes(file.size)}` : bytes(file.size)}</span>
        <button type="button" className="button quiet" aria-label={`${state === "failed" ? "Remove" : "Cancel"} ${file.name}`} onClick={onCancel}>
          {state === "failed" ? "Remove" : "Cancel"}
        </button>
      </div>
      {state === "sending" && <progress aria-label={`Upload of ${file.name}`} value={part} max={1} />}
      {state === "waiting" && <p className="hint">Waiting for its turn</p>}
      {error !== null && <ErrorNotice error={error} {...(hopeless ? {} : { onRetry })} />}
    </div>
  );
}

const largeFile = (file: File): ApiError =>
  new ApiError({
    status: 413,
    title: "This file is too large",
    detail: `${file.name} has ${bytes(file.size)}; ${bytes(MAX_BYTES)} are the most.`,
    requestId: null,
    retryAt: null,
    fieldErrors: {},
  });
