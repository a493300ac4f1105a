/** A variable that a file uses and that nothing sets. */
export interface Unset {
  readonly name: string;
  /** `${X:?message}`: Compose refuses to start without it. */
  readonly required: string | undefined;
}

/**
 * Compose's interpolation: `$X`, `${X}`, `${X:-d}`, `${X-d}`, `${X:?m}`, `${X?m}`, `${X:+r}`, `${X+r}`, nested, `$$` for a dollar.
 * What is unset becomes empty and is named in `unset`. Source: Compose specification, "Interpolation".
 */
export function interpolate(text: string, env: Readonly<Record<string, string>>, unset: Unset[]): string {
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char !== "$") {
      out += char;
      continue;
    }
    const next = text[i + 1];
    if (next === "$") {
      out += "$";
      i++;
    } else if (next === "{") {
      const end = closing(text, i + 2);
      if (end === -1) return out + text.slice(i);
      out += braced(text.slice(i + 2, end), env, unset);
      i = end;
    } else {
      const name = /^[A-Za-z_]\w*/.exec(text.slice(i + 1))?.[0];
      if (name === undefined) out += "$";
      else {
        if (!Object.hasOwn(env, name)) unset.push({ name, required: undefined });
        out += env[name] ?? "";
        i += name.length;
      }
    }
  }
  return out;
}

/** Where the brace that opened before `from` closes. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "$" && text[i + 1] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  return -1;
}

function braced(inner: string, env: Readonly<Record<string, string>>, unset: Unset[]): string {
  const [, name = "", operator = "", word = ""] = /^(\w+)(:?[-?+])?([\s\S]*)$/.exec(inner) ?? [];
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  const filled = operator.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  switch (operator.at(-1)) {
    case "-":
      return filled ? (value ?? "") : interpolate(word, env, unset);
    case "+":
      return filled ? interpolate(word, env, unset) : "";
    case "?":
      if (!filled) unset.push({ name, required: word });
      return value ?? "";
    default:
      if (value === undefined) unset.push({ name, required: undefined });
      return value ?? "";
  }
}
