import type { Priority, TicketState, TriageState } from "../api/types";

export const STATE_WORDS: Record<TicketState, string> = {
  open: "Open",
  in_progress: "In progress",
  resolved: "Resolved",
  closed: "Closed",
};

export const PRIORITY_WORDS: Record<Priority, string> = { low: "Low", normal: "Normal", high: "High" };

const TRIAGE_WORDS: Record<TriageState, string> = {
  pending: "Waiting for the worker",
  running: "Being read",
  done: "Read",
  failed: "Could not be read",
};

const STATE_COLOURS: Record<TicketState, string> = { open: "", in_progress: "running", resolved: "done", closed: "done" };

export function StateBadge({ state }: { readonly state: TicketState }) {
  return <span className={`badge ${STATE_COLOURS[state]}`}>{STATE_WORDS[state]}</span>;
}

export function TriageBadge({ state }: { readonly state: TriageState }) {
  return <span className={`badge ${state}`}>{TRIAGE_WORDS[state]}</span>;
}
