/** A dimension: a key and the values it can take, the usual one first. */
export interface Dimension<V> {
  readonly key: string;
  readonly values: readonly V[];
}

export type Row<V> = Readonly<Record<string, V>>;

/** Every pair of values of two different dimensions. */
export function pairsOf<V>(dimensions: readonly Dimension<V>[]): readonly Row<V>[] {
  return dimensions.flatMap((a, index) =>
    dimensions.slice(index + 1).flatMap((b) => a.values.flatMap((x) => b.values.map((y) => ({ [a.key]: x, [b.key]: y })))),
  );
}

export function covers<V>(row: Row<V>, pair: Row<V>): boolean {
  return Object.entries(pair).every(([key, value]) => row[key] === value);
}

/**
 * Few rows that hold all pairs. The first has the usual values; each further one starts from a pair that is
 * missing and fills the rest up greedily. Nothing is drawn by lot: the same dimensions give the same rows.
 */
export function pairwise<V>(dimensions: readonly Dimension<V>[]): readonly Row<V>[] {
  const rows: Row<V>[] = [Object.fromEntries(dimensions.map(({ key, values }) => [key, values[0] as V]))];
  let missing = pairsOf(dimensions).filter((pair) => !rows.some((row) => covers(row, pair)));
  for (let seed = missing[0]; seed !== undefined; seed = missing[0]) {
    const row = dimensions.reduce<Row<V>>((partial, { key, values }) => {
      if (key in partial) return partial;
      const gain = (value: V): number => {
        const tried = { ...partial, [key]: value };
        return missing.filter((pair) => key in pair && covers(tried, pair)).length;
      };
      return { ...partial, [key]: values.reduce((best, value) => (gain(value) > gain(best) ? value : best)) };
    }, seed);
    rows.push(row);
    missing = missing.filter((pair) => !covers(row, pair));
  }
  return rows;
}
