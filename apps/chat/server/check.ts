import { LIMITS, roomName, type Draft, type Image } from "../shared/events.ts";

/** What is said to somebody whose request cannot be done. Its message is shown to people as it is. */
export class Refusal extends Error {}

export function checkName(value: unknown): string {
  const name = typeof value === "string" ? value.replace(/\s+/g, " ").trim() : "";
  if (name === "" || name.length > LIMITS.name) {
    throw new Refusal(`A name has 1 to ${String(LIMITS.name)} characters.`);
  }
  return name;
}

export function checkRoom(value: unknown): string {
  const name = typeof value === "string" ? roomName(value) : undefined;
  if (name === undefined || name !== value) {
    throw new Refusal(
      `A room's name has 1 to ${String(LIMITS.room)} small letters, digits and single dashes.`,
    );
  }
  return name;
}

export function checkId(value: unknown): string {
  if (typeof value !== "string" || !/^[\w-]{8,64}$/.test(value))
    throw new Refusal("That is not a message id.");
  return value;
}

export function isIds(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length <= LIMITS.history && value.every((id) => typeof id === "string")
  );
}

export function checkKey(value: unknown): string {
  if (typeof value !== "string" || value.length < 16 || value.length > 128)
    throw new Refusal("The key is missing.");
  return value;
}

export function checkDraft(value: unknown): Draft {
  if (!isRecord(value)) throw new Refusal("That is not a message.");
  const text = typeof value["text"] === "string" ? value["text"].trim() : "";
  if (text.length > LIMITS.text)
    throw new Refusal(`A message has at most ${String(LIMITS.text)} characters.`);
  const base = { id: checkId(value["id"]), room: checkRoom(value["room"]), text };
  if (value["image"] !== undefined) return { ...base, image: checkImage(value["image"]) };
  if (text === "") throw new Refusal("There is nothing in this message.");
  return base;
}

function checkImage(value: unknown): Image {
  if (!isRecord(value)) throw new Refusal("That is not a picture.");
  const bytes = value["bytes"];
  if (!(bytes instanceof Uint8Array)) throw new Refusal("A picture is sent as bytes.");
  if (bytes.byteLength > LIMITS.imageBytes) {
    throw new Refusal(`A picture has at most ${String(LIMITS.imageBytes / 1000)} KB.`);
  }
  const type = imageType(bytes);
  if (type === undefined) throw new Refusal("A picture is a PNG, JPEG, WebP or GIF file.");
  return { type, bytes, width: checkPixels(value["width"]), height: checkPixels(value["height"]) };
}

function checkPixels(value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > 20_000) {
    throw new Refusal("A picture has a width and a height.");
  }
  return value;
}

/** Read from the bytes: what the sender says it is cannot be relied on. */
function imageType(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 16)).toString("latin1");
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return "image/gif";
  if (head.startsWith("RIFF") && head.slice(8, 12) === "WEBP") return "image/webp";
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
