const FEW = 5;

export function Availability({ available }: { readonly available: number }) {
  if (available <= 0) return <span className="badge failed">Sold out</span>;
  if (available <= FEW) return <span className="badge running">Only {available} left</span>;
  return <span className="badge done">In stock</span>;
}
