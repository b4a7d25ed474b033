import { compiledGo } from "./compiled-go.ts";
import { type Decoder, fixture, nbdkitFilter, program, wrappersOf } from "./decoder.ts";
import { streamOutput } from "./stream-output.ts";

const javaLibrary = "/usr/share/java/xz.jar";

/** Every decoder that .xz artifacts are held against. */
export const xzDecoders: readonly Decoder[] = [
  program("xz", "xz", ["xz"], ["xz", "-dc"]),
  program("xz in threads", "xz", ["xz"], ["xz", "-T2", "-dc"]),
  program("busybox xz", "xz", ["busybox"], ["busybox", "xz", "-dc"]),
  program("7-Zip", "xz", ["7z"], ["7z", "x", "-so", "-txz"]),
  // Of liblzma it uses the decoder of a block; indexes it reads itself, as nbdkit does.
  // It knows the standard output as the other end of the standard input alone.
  program("pixz", "xz", ["pixz"], ["sh", "-c", 'exec pixz -d < "$0"']),
  nbdkitFilter("xz", "xz"),
  program(
    "XZ for Java",
    "xz",
    ["java", "javac", javaLibrary],
    ["java", "-Xmx256m", "-cp", javaLibrary, fixture("Unxz.java")],
  ),
  {
    name: "Go ulikunitz",
    tools: ["go", "/usr/share/gocode/src/github.com/ulikunitz/xz/reader.go"],
    formats: ["xz"],
    decode: decodeByGo,
  },
  ...wrappersOf(
    "liblzma",
    program("Python lzma", "xz", ["python3"], ["python3", fixture("unxz.py")]),
    program("libarchive", "xz", ["bsdcat"], ["bsdcat"]),
    program("zstd", "xz", ["zstd"], ["zstd", "-dcq"]),
  ),
];

async function* decodeByGo(path: string): AsyncIterable<Uint8Array> {
  yield* streamOutput(await compiledGo(fixture("unxz.go")), [path]);
}
