/**
 * Reads server-sent events, in whatever parts they come, and gives the engine packets among them as text. Each `data:` line
 * is one, and counts when the line is whole. Text with line ends comes as `j` and JSON, because the format would make
 * others of them. `event: end` says that this response is complete. Comments and other fields are for proxies.
 * SPEC V31.
 */
export function eventStream(ended: () => void): (text: string) => string[] {
  let rest = "";
  return (text) => {
    const lines = text.split("\n");
    lines[0] = rest + lines[0];
    rest = lines.pop() ?? "";
    return lines.flatMap((line) => {
      const [, field, value = ""] = /^(data|event): ?([^]*)/.exec(line) ?? [];
      if (field === "data") return value[0] === "j" ? (JSON.parse(value.slice(1)) as string) : value;
      if (value === "end") ended();
      return [];
    });
  };
}
