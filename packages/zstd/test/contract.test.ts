import { zstdCompressSync } from "node:zlib";
import { describeStreamFormat } from "@bootstamp/format-contract";
import { requires, runBytes } from "@bootstamp/witnesses";
import { zstd } from "@bootstamp/zstd";

const raw = Buffer.from("a file that somebody else made\n".repeat(1000));
const plain = new Uint8Array(zstdCompressSync(raw));

/** A skippable frame (RFC 8878 §3.1.2). */
function skippable(payload: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(8 + payload.length);
  frame.writeUInt32LE(0x184d_2a50);
  frame.writeUInt32LE(payload.length, 4);
  frame.set(payload, 8);
  return frame;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

describeStreamFormat(zstd, {
  choices: [
    { level: 3 },
    { level: 1 },
    { engine: "zstd", level: 13 },
    { engine: "zstd", level: 22, segmentLength: 1 << 20 },
  ],
  outside: [
    {
      name: "zstd",
      guard: requires("zstd"),
      decode: (packed) => runBytes("zstd", ["-dcq"], { input: packed }),
    },
  ],
  foreign: [
    { name: "from node:zlib", packed: plain, raw },
    { name: "of nothing", packed: new Uint8Array(zstdCompressSync(Buffer.alloc(0))), raw: new Uint8Array() },
    { name: "two frames", packed: joined(plain, plain), raw: joined(raw, raw) },
    { name: "as pzstd makes them", packed: joined(skippable(Uint8Array.of(1, 2, 3, 4)), plain), raw },
    { name: "with a skippable frame at its end", packed: joined(plain, skippable(plain)), raw },
  ],
});
