import { type Decoder, fixture, goProgram, program, wrappersOf } from "./decoder.ts";

export const zstd: Decoder = program("zstd", "zst", ["zstd"], ["zstd", "-dcq"]);

/**
 * Every decoder that .zst artifacts are held against. Not among them: node:zlib, which drops all frames but the first
 * (nodejs/node#64741), and nbdkit and busybox, which know no zstd.
 */
export const zstdDecoders: readonly Decoder[] = [
  zstd,
  program("pzstd", "zst", ["pzstd"], ["pzstd", "-dcq"]),
  program("7-Zip", "zst", ["7z"], ["7z", "x", "-so", "-tzstd"]),
  goProgram(
    "Go klauspost",
    "zst",
    ["/usr/share/gocode/src/github.com/klauspost/compress/zstd/decoder.go"],
    "unzstd.go",
  ),
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
