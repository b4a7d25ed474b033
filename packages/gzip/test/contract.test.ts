import { gunzipSync, gzipSync } from "node:zlib";
import { describeStreamFormat } from "@bootstamp/format-contract";
import { gzip } from "@bootstamp/gzip";
import { requires, runBytes } from "@bootstamp/witnesses";

const text = Buffer.from("a file that somebody else made\n".repeat(1000));
const plain = gzipSync(text);
const flags = { hcrc: 2, extra: 4, name: 8, comment: 16 };

/** A good gzip file with other header fields than ours (RFC 1952 §2.3.1). */
function withHeader(flag: number, ...fields: readonly Uint8Array[]): Uint8Array {
  const fixed = Buffer.from(plain.subarray(0, 10));
  fixed[3] = flag;
  return new Uint8Array(Buffer.concat([fixed, ...fields, plain.subarray(10)]));
}

const name = Buffer.from("disk.raw\0", "latin1");
const dictzip = Buffer.from("0c00524108000100ca3600000000", "hex");

describeStreamFormat(gzip, {
  choices: [
    { engine: "bootstamp" },
    { engine: "bootstamp", level: 1 },
    { engine: "bootstamp", level: 9 },
    { engine: "libdeflate" },
    { engine: "libdeflate", level: 9 },
    { engine: "zlib" },
    { engine: "zlib", level: 1 },
    { engine: "pako" },
  ],
  outside: [
    { name: "node:zlib", decode: (packed) => gunzipSync(packed) },
    {
      name: "Python",
      guard: requires("python3"),
      decode: (packed) =>
        runBytes(
          "python3",
          ["-c", "import gzip,sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))"],
          { input: packed },
        ),
    },
  ],
  foreign: [
    { name: "from node:zlib", packed: new Uint8Array(plain) },
    { name: "with a name", packed: withHeader(flags.name, name) },
    {
      name: "with a comment and a header checksum",
      packed: withHeader(flags.comment | flags.hcrc, name, Uint8Array.of(0, 0)),
    },
    { name: "with an extra field of dictzip", packed: withHeader(flags.extra, dictzip) },
    { name: "with an extra field that is empty", packed: withHeader(flags.extra, Uint8Array.of(0, 0)) },
    { name: "two members", packed: new Uint8Array(Buffer.concat([plain, plain])) },
    { name: "of nothing", packed: new Uint8Array(gzipSync(Buffer.alloc(0))) },
  ],
});
