import { expect, test } from "vitest";
import { formatAddress } from "./host-uws-headers.ts";

const v6 = (...groups: number[]): ArrayBuffer => {
  const view = new DataView(new ArrayBuffer(16));
  groups.forEach((group, index) => view.setUint16(index * 2, group));
  return view.buffer;
};

const addresses: readonly (readonly [string, ArrayBuffer])[] = [
  ["192.0.2.1", Uint8Array.of(192, 0, 2, 1).buffer],
  ["::ffff:192.0.2.1", v6(0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0201)],
  ["::1", v6(0, 0, 0, 0, 0, 0, 0, 1)],
  ["::", v6(0, 0, 0, 0, 0, 0, 0, 0)],
  ["2001:db8::1:0:0:1", v6(0x2001, 0xdb8, 0, 0, 1, 0, 0, 1)],
  ["2001:db8:0:1::10", v6(0x2001, 0xdb8, 0, 1, 0, 0, 0, 0x10)],
  ["1:0:2:3:4:5:6:7", v6(1, 0, 2, 3, 4, 5, 6, 7)],
  ["fe80:10::", v6(0xfe80, 0x10, 0, 0, 0, 0, 0, 0)],
  ["", new ArrayBuffer(0)],
];
test.each(addresses)("[H1] an address is written as Node writes it: %s", (text, bytes) => {
  expect(formatAddress(bytes)).toBe(text);
});
