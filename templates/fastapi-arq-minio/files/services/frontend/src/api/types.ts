export type FileState = "pending" | "processing" | "done" | "failed";

/** What the job found out; which of these there are depends on the kind of file. */
export type FileResult = {
  readonly size: number;
  readonly sha256: string;
  readonly lines?: number;
  readonly words?: number;
  readonly preview?: string;
  readonly width?: number;
  readonly height?: number;
  readonly pages?: number;
  readonly note?: string;
};

export type StoredFile = {
  readonly id: string;
  readonly name: string;
  readonly content_type: string;
  readonly size: number;
  readonly sha256: string;
  readonly state: FileState;
  /** Null until the state is "done". */
  readonly result: FileResult | null;
  readonly error: string;
  readonly has_thumbnail: boolean;
  readonly created_at: string;
  readonly updated_at: string;
};

/** A link that works without signing in, until it expires. */
export type SharedLink = {
  readonly url: string;
  readonly expires_at: string;
};
