/**
 * Small buffers of Node are slices of a pool (64 KiB since Node 24), which is held by its last slice. So what is kept for
 * long, for a peer that does not read or by an application, has memory of its own, or a hundred bytes would hold as much.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength * 2 >= bytes.buffer.byteLength) return bytes;
  const own = Buffer.allocUnsafeSlow(bytes.byteLength);
  own.set(bytes);
  return own;
}
