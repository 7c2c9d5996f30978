const HEAD_END = "\r\n\r\n";
/** The chunk without bytes, behind which there are no others. */
const LAST_CHUNK = "0\r\n\r\n";

/** Whether an answer ends with these bytes, which may begin in its middle: then nobody has a reason to keep it back. */
export function isWholeAnswer(parts: readonly Buffer[]): boolean {
  const text = Buffer.concat(parts).toString("latin1");
  if (text.endsWith(`\r\n${LAST_CHUNK}`) || text === LAST_CHUNK) return true;
  const end = text.indexOf(HEAD_END);
  if (!text.startsWith("HTTP/1.") || end < 0) return false;
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end)) ?? [];
  return length !== undefined && text.length >= end + HEAD_END.length + Number(length);
}
