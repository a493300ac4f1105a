const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function DateTime({ value }: { readonly value: string }) {
  return <time dateTime={value}>{FORMAT.format(new Date(value))}</time>;
}
