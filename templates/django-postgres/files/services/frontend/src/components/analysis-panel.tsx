import type { Analysis, AnalysisState } from "../api/types";

const WORDS: Record<AnalysisState, string> = {
  pending: "Waiting for the worker",
  running: "Being analysed",
  done: "Analysed",
  failed: "The analysis failed",
};

export function AnalysisBadge({ state }: { readonly state: AnalysisState }) {
  return <span className={`badge ${state}`}>{WORDS[state]}</span>;
}

export function AnalysisPanel({ analysis }: { readonly analysis: Analysis }) {
  return (
    <section className="panel" aria-labelledby="analysis-title">
      <div className="panel-heading">
        <h2 id="analysis-title">Analysis</h2>
        <div role="status">
          <AnalysisBadge state={analysis.state} />
        </div>
      </div>
      {analysis.state === "failed" && analysis.error !== "" && <p>{analysis.error}</p>}
      {analysis.state === "done" && <Figures result={analysis} />}
    </section>
  );
}

function Figures({ result }: { readonly result: Analysis }) {
  return (
    <>
      <dl className="figures">
        <div>
          <dt>Words</dt>
          <dd>{(result.word_count ?? 0).toLocaleString()}</dd>
        </div>
        <div>
          <dt>Sentences</dt>
          <dd>{(result.sentence_count ?? 0).toLocaleString()}</dd>
        </div>
        <div>
          <dt>Reading time</dt>
          <dd>{readingTime(result.reading_time_seconds ?? 0)}</dd>
        </div>
      </dl>
      {result.top_terms.length > 0 && (
        <>
          <h3>Most used words</h3>
          <ul className="terms">
            {result.top_terms.map(({ term, count }) => (
              <li key={term}>
                {term} <span className="term-count">{count}×</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <p className="digest">
        SHA-256 <code>{result.body_sha256}</code>
      </p>
    </>
  );
}

function readingTime(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}
