import { BASE, withCsrf } from "./client";
import { readProblem, unreachable } from "./errors";
import type { StoredFile } from "./types";

type Options = {
  readonly signal: AbortSignal;
  /** Between 0 and 1. */
  readonly onProgress: (part: number) => void;
};

/** Sends one file as it is on disk: XMLHttpRequest, since fetch does not say how far it has come. */
export const uploadFile = (file: File, options: Options): Promise<StoredFile> => withCsrf((token) => upload(file, token, options));

async function upload(file: File, token: string, { signal, onProgress }: Options): Promise<StoredFile> {
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", `${BASE}/files/?name=${encodeURIComponent(file.name)}`);
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("Content-Type", file.type === "" ? "application/octet-stream" : file.type);
    call.setRequestHeader("X-CSRFToken", token);
    call.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total === 0 ? 1 : loaded / total));
    call.addEventListener("load", () => {
      if (call.status === 201) resolve(JSON.parse(call.responseText) as StoredFile);
      else void readProblem(answerOf(call)).then(reject);
    });
    call.addEventListener("error", () => reject(unreachable()));
    call.addEventListener("abort", () => reject(new DOMException("The upload was cancelled.", "AbortError")));
    signal.addEventListener("abort", () => call.abort(), { once: true });
    call.send(file);
  });
}

function answerOf(call: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ["Retry-After", "X-Request-ID"]) {
    const value = call.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(call.responseText, { status: call.status, headers });
}
