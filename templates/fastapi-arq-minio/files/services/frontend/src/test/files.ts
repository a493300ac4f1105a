import { vi } from "vitest";
import type { StoredFile } from "../api/types";

export const ID = "0b9a6f0e-6a53-4c3f-9d51-2f6f3f1d7c07";

export const storedFile = (changes: Partial<StoredFile> = {}): StoredFile => ({
  id: ID,
  name: "harbour.txt",
  content_type: "text/plain",
  size: 1536,
  sha256: "0f".repeat(32),
  state: "done",
  result: { size: 1536, sha256: "0f".repeat(32), lines: 12, words: 250, preview: "A breakwater keeps the harbour calm." },
  error: "",
  has_thumbnail: false,
  created_at: "2026-11-01T10:00:00Z",
  updated_at: "2026-11-02T11:30:00Z",
  ...changes,
});

/** The stream of the API, told what to say by the test. */
export class FakeEventSource extends EventTarget {
  static all: FakeEventSource[] = [];

  readonly url: string;
  closed = false;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.all.push(this);
  }

  close(): void {
    this.closed = true;
  }

  static say(event: string, data: unknown = {}): void {
    for (const source of FakeEventSource.all)
      if (!source.closed) source.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
}

type Sent = {
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: File;
  readonly progress: (loaded: number, total: number) => void;
  readonly answer: (status: number, body: unknown, headers?: Record<string, string>) => void;
  readonly fail: () => void;
  readonly aborted: () => boolean;
};

/** In place of XMLHttpRequest. Each upload waits for the test to say how it ends. */
export function fakeUploads(): readonly Sent[] {
  const sent: Sent[] = [];

  class FakeRequest extends EventTarget {
    readonly upload = new EventTarget();
    status = 0;
    responseText = "";
    #url = "";
    #aborted = false;
    #answered: Record<string, string> = {};
    readonly #headers = new Map<string, string>();

    open(method: string, url: string): void {
      this.#url = `${method} ${url}`;
    }

    setRequestHeader(name: string, value: string): void {
      this.#headers.set(name, value);
    }

    getResponseHeader(name: string): string | null {
      return this.#answered[name] ?? null;
    }

    abort(): void {
      this.#aborted = true;
      this.dispatchEvent(new Event("abort"));
    }

    send(body: File): void {
      sent.push({
        url: this.#url,
        headers: this.#headers,
        body,
        progress: (loaded, total) => this.upload.dispatchEvent(Object.assign(new Event("progress"), { loaded, total })),
        answer: (status, answer, headers = {}) => {
          this.status = status;
          this.responseText = JSON.stringify(answer);
          this.#answered = headers;
          this.dispatchEvent(new Event("load"));
        },
        fail: () => this.dispatchEvent(new Event("error")),
        aborted: () => this.#aborted,
      });
    }
  }

  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  return sent;
}

/** Call it before each test: jsdom has no EventSource. */
export function fakeEvents(): void {
  FakeEventSource.all = [];
  vi.stubGlobal("EventSource", FakeEventSource);
}
