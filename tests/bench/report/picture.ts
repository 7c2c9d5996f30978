import type { Judged } from "./aims.ts";
import { digits } from "./table.ts";

const ROW = 20;
const LABELS = 400;
const BARS = 380;
const WIDTH = LABELS + BARS + 80;
const TOP = 56;
const MET = "#2f855a";
const MISSED = "#c05621";

export const TITLE = "Server CPU of Bowline as a ratio, against what it may be (dashed)";

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** As a share of what is allowed: all bars then have the same mark. */
function shareOf({ ratio, atMost }: Judged): number {
  return ratio.value / atMost;
}

function bar(one: Judged, y: number, scale: number): string {
  const width = Math.max(1, shareOf(one) * scale);
  const fill = one.isMet ? MET : MISSED;
  const text = `${digits(one.ratio.value)} of ${digits(one.atMost)}`;
  return (
    `<text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${escape(one.label)}</text>` +
    `<rect x="${LABELS}" y="${y + 3}" width="${width.toFixed(1)}" height="${ROW - 7}" fill="${fill}"/>` +
    `<text x="${(LABELS + width + 5).toFixed(1)}" y="${y + 13}" class="value">${text}</text>`
  );
}

/** A bar for each aim: how much of what is allowed was needed. */
export function picture(judged: readonly Judged[]): string {
  const most = Math.max(1.2, ...judged.map(shareOf));
  const scale = BARS / most;
  const parts: string[] = [];
  let y = TOP;
  let group = "";
  for (const one of judged) {
    if (one.group !== group) {
      group = one.group;
      parts.push(`<text x="12" y="${y + 16}" class="group">${escape(group)}</text>`);
      y += ROW + 4;
    }
    parts.push(bar(one, y, scale));
    y += ROW;
  }
  const mark = LABELS + scale;
  const line = `<line x1="${mark}" x2="${mark}" y1="${TOP - 8}" y2="${y + 6}" stroke="#718096" stroke-dasharray="4 3"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 20}" role="img" aria-label="${TITLE}">
<style>text{font:12px system-ui,sans-serif;fill:#2d3748}.group{font-weight:600}.value{font-size:11px;fill:#4a5568;stroke:#fff;stroke-width:3px;paint-order:stroke}.title{font-size:15px;font-weight:600}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="24" class="title">${TITLE}</text>
${line}
${parts.join("\n")}
</svg>
`;
}
