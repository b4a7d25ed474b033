import type { ByteSource } from "@bootstamp/byte-source";
import type { NbdExport } from "./nbd-export.ts";

/** A read-only export of `source`, with nothing known of its holes. */
export function sourceExport(name: string, source: ByteSource): NbdExport {
  return {
    name,
    length: source.length,
    read: async (offset, length, signal) => source.read(offset, length, signal),
  };
}
