import type { Engine } from "./engine.ts";

/** zlib in plain JavaScript: slow, and the same bytes wherever JavaScript runs. */
export const pakoEngine: Engine = {
  name: "pako",
  version: "3.0.3",
  maxLevel: 9,
  defaultLevel: 6,
  open: async (level) => {
    const { Deflate, Z_FULL_FLUSH } = await import("pako");
    return (raw) => {
      const parts: Uint8Array[] = [];
      const stream = new Deflate({ level, raw: true, chunkSize: 1 << 18 });
      stream.onData = (part) => parts.push(part);
      if (!stream.push(raw, Z_FULL_FLUSH)) throw new Error(`internal error: pako: ${stream.msg}`);
      return new Uint8Array(Buffer.concat(parts));
    };
  },
};
