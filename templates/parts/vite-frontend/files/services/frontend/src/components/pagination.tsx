type Props = {
  readonly page: number;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
  readonly onGo: (page: number) => void;
};

export function Pagination({ page, hasPrevious, hasNext, onGo }: Props) {
  if (!hasPrevious && !hasNext) return null;
  return (
    <nav className="pagination" aria-label="Pages">
      <button type="button" className="button" disabled={!hasPrevious} onClick={() => onGo(page - 1)}>
        Previous
      </button>
      <span aria-current="page">Page {page}</span>
      <button type="button" className="button" disabled={!hasNext} onClick={() => onGo(page + 1)}>
        Next
      </button>
    </nav>
  );
}
