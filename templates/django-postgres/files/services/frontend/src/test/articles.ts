import type { Analysis, Article } from "../api/types";

export const ID = "0b9a6f0e-6a53-4c3f-9d51-2f6f3f1d7c07";
export const OTHER_ID = "5d0c4b0a-93a7-4b0e-8f3a-5f4f0e1b2c08";

export const unfinished = (state: "pending" | "running" | "failed", error = ""): Analysis => ({
  state,
  word_count: null,
  sentence_count: null,
  reading_time_seconds: null,
  top_terms: [],
  body_sha256: "",
  error,
});

export const article = (changes: Partial<Article> = {}): Article => ({
  id: ID,
  title: "On harbours",
  body: "A breakwater keeps the harbour calm.",
  version: 1,
  created_at: "2026-11-01T10:00:00Z",
  updated_at: "2026-11-02T11:30:00Z",
  analysis: {
    state: "done",
    word_count: 6,
    sentence_count: 1,
    reading_time_seconds: 2,
    top_terms: [{ term: "harbour", count: 1 }],
    body_sha256: "0f".repeat(32),
    error: "",
  },
  ...changes,
});
