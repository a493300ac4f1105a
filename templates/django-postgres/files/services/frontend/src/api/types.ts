export type AnalysisState = "pending" | "running" | "done" | "failed";

/** The figures are null, or empty, until the state is "done". */
export type Analysis = {
  readonly state: AnalysisState;
  readonly word_count: number | null;
  readonly sentence_count: number | null;
  readonly reading_time_seconds: number | null;
  readonly top_terms: readonly { readonly term: string; readonly count: number }[];
  readonly body_sha256: string;
  readonly error: string;
};

/** What a list says of an article: all but its text. */
export type ArticleSummary = {
  readonly id: string;
  readonly title: string;
  /** Grows with every change; a change must name the version it was made from. */
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly analysis: Analysis;
};

export type Article = ArticleSummary & { readonly body: string };

export type ArticleDraft = Pick<Article, "title" | "body">;
