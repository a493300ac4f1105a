import type { AuditInput, Found } from "../words.ts";

const LF_ONLY = /(^|\/)(Dockerfile[^/]*|\.env[^/]*|Makefile|[^/]+\.(sh|bash|conf|ya?ml|sql|env|py|toml|tsv|template))$/;

/** Line ends and modes, which Windows and archives lose. */
export function files(input: AuditInput): readonly Found[] {
  const recorded = new Set(input.record?.executables);
  const found: Found[] = [];
  for (const [path, { text, executable }] of input.files) {
    const shebang = text.startsWith("#!");
    if ((LF_ONLY.test(path) || shebang) && text.includes("\r\n"))
      found.push({
        rule: "crlf",
        at: [{ file: path, line: text.slice(0, text.indexOf("\r\n")).split("\n").length }],
        message: `${path} has Windows line ends: a shell sees the \\r as part of the last word`,
        hint: `sed -i 's/\\r$//' ${path}`,
      });
    if (executable !== false) continue;
    // A sourced library has no shebang; a script that is started has one.
    if (recorded.has(path) || (input.record === undefined && shebang && /(^|\/)(bin|ops|scripts?)\/|\.sh$/.test(path)))
      found.push({
        rule: "exec-bit",
        at: [{ file: path, line: 1 }],
        message: `${path} lost its executable bit`,
        hint: `chmod +x ${path} && git update-index --chmod=+x ${path}`,
      });
  }
  return found;
}

/** Protocols in nginx's configuration. TLS 1.2 is a finding only where the project said modern. */
export function tlsProtocols(input: AuditInput): readonly Found[] {
  const modern = /^\s*tls:\s*["']?modern/m.test(input.files.get(".breakwater/answers.yaml")?.text ?? "");
  return [...input.files].flatMap(([path, { text }]): Found[] => {
    if (!path.endsWith(".conf") || (modern && path.includes("tls-") && !path.includes("tls-modern"))) return [];
    return text.split("\n").flatMap((line, index): Found[] => {
      const protocols = /^\s*ssl_protocols\s+([^;]*);/.exec(line)?.[1]?.split(/\s+/) ?? [];
      const weak = protocols.filter((name) => /^(SSLv[23]|TLSv1(\.1)?)$/.test(name) || (modern && name === "TLSv1.2"));
      return weak.length === 0
        ? []
        : [
            {
              rule: "tls-protocol",
              at: [{ file: path, line: index + 1 }],
              message: `${weak.join(" and ")} ${weak.length === 1 ? "is" : "are"} on${modern ? ", and this project answered tls: modern" : ""}`,
            },
          ];
    });
  });
}
