import { compiledGo } from "./compiled-go.ts";
import { type Decoder, fixture, program, wrappersOf } from "./decoder.ts";
import { streamOutput } from "./stream-output.ts";

/**
 * Every decoder that .zst artifacts are held against. Not among them: node:zlib, which drops all frames but the first
 * (nodejs/node#64741), and nbdkit and busybox, which know no zstd.
 */
export const zstdDecoders: readonly Decoder[] = [
  program("zstd", "zst", ["zstd"], ["zstd", "-dcq"]),
  program("pzstd", "zst", ["pzstd"], ["pzstd", "-dcq"]),
  program("7-Zip", "zst", ["7z"], ["7z", "x", "-so", "-tzstd"]),
  {
    name: "Go klauspost",
    tools: ["go", "/usr/share/gocode/src/github.com/klauspost/compress/zstd/decoder.go"],
    formats: ["zst"],
    decode: decodeByGo,
  },
  ...wrappersOf(
    "libzstd",
    program("libarchive", "zst", ["bsdcat"], ["bsdcat"]),
    program(
      "Python zstandard",
      "zst",
      ["/usr/bin/python3", "/usr/lib/python3/dist-packages/zstandard/__init__.py"],
      ["/usr/bin/python3", fixture("unzstd.py")],
    ),
  ),
];

async function* decodeByGo(path: string): AsyncIterable<Uint8Array> {
  yield* streamOutput(await compiledGo(fixture("unzstd.go")), [path]);
}
