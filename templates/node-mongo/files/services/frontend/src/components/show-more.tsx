type Props = {
  readonly hasMore: boolean;
  readonly busy: boolean;
  readonly onMore: () => void;
};

export function ShowMore({ hasMore, busy, onMore }: Props) {
  if (!hasMore) return null;
  return (
    <p className="show-more">
      <button type="button" className="button" disabled={busy} onClick={onMore}>
        {busy ? "Loading…" : "Show more"}
      </button>
    </p>
  );
}
