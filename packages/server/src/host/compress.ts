import { promisify } from "node:util";
import { brotliCompress, deflate, gzip, type InputType } from "node:zlib";
import type { ContentEncoding, HostResponse } from "./host.ts";

type Compress = (body: InputType, options: object) => Promise<Uint8Array>;

const COMPRESS: Readonly<Record<ContentEncoding["name"], Compress>> = {
  gzip: promisify<InputType, object, Uint8Array>(gzip),
  deflate: promisify<InputType, object, Uint8Array>(deflate),
  br: promisify<InputType, object, Uint8Array>(brotliCompress),
};

/** The answer with its body compressed, in a thread of the pool. */
export async function compressed({ encoding, ...answer }: HostResponse): Promise<HostResponse> {
  if (!encoding || answer.body === undefined) return answer;
  const body = await COMPRESS[encoding.name](answer.body, encoding.options ?? {});
  return { ...answer, headers: { ...answer.headers, "Content-Encoding": encoding.name }, body };
}
