import type { Triage } from "../api/types";
import { PRIORITY_WORDS, TriageBadge } from "./labels";

export function TriagePanel({ triage }: { readonly triage: Triage }) {
  return (
    <section className="panel" aria-labelledby="triage-title">
      <div className="panel-heading">
        <h2 id="triage-title">Triage</h2>
        <div role="status">
          <TriageBadge state={triage.state} />
        </div>
      </div>
      {triage.state === "failed" && triage.error !== "" && <p>{triage.error}</p>}
      {triage.state === "done" && <Found triage={triage} />}
    </section>
  );
}

function Found({ triage }: { readonly triage: Triage }) {
  return (
    <>
      <dl className="figures">
        <div>
          <dt>Words</dt>
          <dd>{(triage.word_count ?? 0).toLocaleString()}</dd>
        </div>
        <div>
          <dt>Urgency</dt>
          <dd>{PRIORITY_WORDS[triage.urgency ?? "normal"]}</dd>
        </div>
      </dl>
      {triage.labels.length > 0 && (
        <>
          <h3>It seems to be about</h3>
          <ul className="terms">
            {triage.labels.map((label) => (
              <li key={label}>{label}</li>
            ))}
          </ul>
        </>
      )}
      <p className="digest">
        SHA-256 <code>{triage.body_sha256}</code>
      </p>
    </>
  );
}
