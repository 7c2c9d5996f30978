import { LIMITS, type Image } from "../shared/events.ts";

const SENT_AS_IT_IS = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const LONGEST_SIDE = 1600;
const LARGEST_FILE = 50_000_000;

/** Something about a picture that its sender should read. */
export class PictureError extends Error {}

/** The picture as it is when it is small enough, else drawn smaller until it is. */
export async function readPicture(file: File): Promise<Image> {
  if (file.size > LARGEST_FILE) throw new PictureError("This picture is larger than 50 MB.");
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new PictureError("This browser cannot read that picture. PNG, JPEG, WebP and GIF work.");
  });
  try {
    if (file.size <= LIMITS.imageBytes && SENT_AS_IT_IS.includes(file.type)) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      return { type: file.type, bytes, width: bitmap.width, height: bitmap.height };
    }
    return await shrink(bitmap);
  } finally {
    bitmap.close();
  }
}

async function shrink(bitmap: ImageBitmap): Promise<Image> {
  let scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const bytes = await draw(bitmap, width, height);
    if (bytes.byteLength <= LIMITS.imageBytes) return { type: "image/jpeg", bytes, width, height };
    scale *= 0.7;
  }
  throw new PictureError(
    `This picture stays above ${String(LIMITS.imageBytes / 1000)} KB, however small it is drawn.`,
  );
}

async function draw(bitmap: ImageBitmap, width: number, height: number): Promise<Uint8Array> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (context === null) throw new PictureError("This browser cannot make the picture smaller.");
  // A JPEG has no transparency; on white a drawing stays readable.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.82));
  if (blob === null) throw new PictureError("This browser cannot make the picture smaller.");
  return new Uint8Array(await blob.arrayBuffer());
}
