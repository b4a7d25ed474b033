import {
  type Decoder,
  fixture,
  goProgram,
  nbdkitFilter,
  program,
  type StreamFormat,
  wrappersOf,
} from "./decoder.ts";
import { xz, xzDecoders } from "./xz-decoders.ts";
import { zstd, zstdDecoders } from "./zstd-decoders.ts";

/** The formats' own decoders. */
export const referenceDecoders: Readonly<Record<StreamFormat, Decoder>> = {
  gz: program("gzip", "gz", ["gzip"], ["gzip", "-dc"]),
  xz,
  zst: zstd,
};

/** Tools of them all, to hand to `requires`. */
export const referenceTools: readonly string[] = Object.values(referenceDecoders).flatMap(
  ({ tools }) => tools,
);

/** Every decoder that .gz artifacts are held against. */
const gzipDecoders: readonly Decoder[] = [
  referenceDecoders.gz,
  program("pigz", "gz", ["pigz"], ["pigz", "-dc"]),
  program("7-Zip", "gz", ["7z"], ["7z", "x", "-so", "-tgzip"]),
  program("busybox", "gz", ["busybox"], ["busybox", "gzip", "-dc"]),
  program("libdeflate", "gz", ["libdeflate-gunzip"], ["libdeflate-gunzip", "-c"]),
  program("igzip", "gz", ["igzip"], ["igzip", "-dc"]),
  goProgram("Go", "gz", [], "gunzip.go"),
  // Its zlib is Chromium's.
  program("node:zlib", "gz", [], [process.execPath, fixture("gunzip-node.mjs")]),
  ...wrappersOf(
    "zlib",
    program("libarchive", "gz", ["bsdcat"], ["bsdcat"]),
    program("Python gzip", "gz", ["python3"], ["python3", fixture("gunzip-module.py")]),
    program("Python zlib", "gz", ["python3"], ["python3", fixture("gunzip-zlib.py")]),
    program("zstd", "gz", ["zstd"], ["zstd", "-dcq"]),
    program("Perl", "gz", ["perl"], ["perl", fixture("gunzip.pl")]),
    // javac is asked for because running a source file needs the compiler, which a bare JRE lacks.
    program("Java", "gz", ["java", "javac"], ["java", "-Xmx64m", fixture("Gunzip.java")]),
    nbdkitFilter("gz", "gzip"),
    program("DecompressionStream", "gz", [], [process.execPath, fixture("gunzip-web.mjs")]),
  ),
];

/** Every decoder that the artifacts are held against. */
export const decoders: readonly Decoder[] = [...gzipDecoders, ...xzDecoders, ...zstdDecoders];

/** The decoders that read one format. */
export function decodersFor(format: StreamFormat): readonly Decoder[] {
  return decoders.filter((decoder) => decoder.formats.includes(format));
}

/** Of the decoders that read one format those that have code of their own for it. */
export function independentDecodersFor(format: StreamFormat): readonly Decoder[] {
  return decodersFor(format).filter(({ wraps }) => wraps === undefined);
}
