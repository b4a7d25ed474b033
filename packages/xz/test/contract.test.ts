import { describeStreamFormat, textBytes } from "@bootstamp/format-contract";
import { requires, runBytes } from "@bootstamp/witnesses";
import { xz } from "@bootstamp/xz";
import { file, lzma2, sizedBlock, storedBlock, storedData } from "./fixtures/xz-file.ts";

const text = textBytes(5000);
const filtered = sizedBlock(storedData(text), text, { filters: [[0x04, []], lzma2] });
const plain = file([storedBlock(text)]);

describeStreamFormat(xz, {
  choices: [
    { engine: "lzma-native", level: 0 },
    { engine: "lzma-native" },
    { engine: "lzma-native", level: 0, check: "crc32" },
    { engine: "lzma-native", level: 1, check: "sha256", segmentLength: 2 ** 20 },
    { engine: "lzma-native", level: 2, extreme: true },
    ...(requires("xz").skip ? [] : [{ engine: "xz", level: 1 }]),
  ],
  outside: [
    {
      name: "xz",
      guard: requires("xz"),
      decode: (packed) => runBytes("xz", ["-dc"], { input: packed }),
    },
  ],
  foreign: [
    { name: "with the filter x86", packed: new Uint8Array(file([filtered])) },
    { name: "two streams", packed: new Uint8Array(Buffer.concat([plain, plain])) },
    { name: "with stream padding", packed: new Uint8Array(Buffer.concat([plain, Buffer.alloc(4)])) },
    { name: "with a check of its own", packed: new Uint8Array(file([storedBlock(text)], 0x0f)) },
  ],
});
