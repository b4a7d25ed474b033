import { type Decoder, fixture, goProgram, nbdkitFilter, program, wrappersOf } from "./decoder.ts";

const javaLibrary = "/usr/share/java/xz.jar";

export const xz: Decoder = program("xz", "xz", ["xz"], ["xz", "-dc"]);

/** Every decoder that .xz artifacts are held against. */
export const xzDecoders: readonly Decoder[] = [
  xz,
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
  goProgram("Go ulikunitz", "xz", ["/usr/share/gocode/src/github.com/ulikunitz/xz/reader.go"], "unxz.go"),
  ...wrappersOf(
    "liblzma",
    program("Python lzma", "xz", ["python3"], ["python3", fixture("unxz.py")]),
    program("libarchive", "xz", ["bsdcat"], ["bsdcat"]),
    program("zstd", "xz", ["zstd"], ["zstd", "-dcq"]),
  ),
];
