import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { compiledGo } from "./compiled-go.ts";
import { type Decoder, fixture, nbdkitFilter, program, type StreamFormat, wrappersOf } from "./decoder.ts";
import { streamOutput } from "./stream-output.ts";
import { xzDecoders } from "./xz-decoders.ts";
import { zstdDecoders } from "./zstd-decoders.ts";

/** Every decoder that .gz artifacts are held against. */
const gzipDecoders: readonly Decoder[] = [
  program("gzip", "gz", ["gzip"], ["gzip", "-dc"]),
  program("pigz", "gz", ["pigz"], ["pigz", "-dc"]),
  program("7-Zip", "gz", ["7z"], ["7z", "x", "-so", "-tgzip"]),
  program("busybox", "gz", ["busybox"], ["busybox", "gzip", "-dc"]),
  program("libdeflate", "gz", ["libdeflate-gunzip"], ["libdeflate-gunzip", "-c"]),
  program("igzip", "gz", ["igzip"], ["igzip", "-dc"]),
  { name: "Go", tools: ["go"], formats: ["gz"], decode: decodeByGo },
  // Its zlib is Chromium's.
  { name: "node:zlib", tools: [], formats: ["gz"], decode: decodeByNode },
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
    { name: "DecompressionStream", tools: [], formats: ["gz"], decode: decodeByWebStream },
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

async function* decodeByGo(path: string): AsyncIterable<Uint8Array> {
  yield* streamOutput(await compiledGo(fixture("gunzip.go")), [path]);
}

function decodeByNode(path: string): AsyncIterable<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  source.once("error", (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

async function* decodeByWebStream(path: string): AsyncIterable<Uint8Array> {
  const decompression = new DecompressionStream("gzip");
  const fed = feed(createReadStream(path, { highWaterMark: 1 << 18 }), decompression.writable.getWriter());
  // Looked at below; a rejection while the output is still being read must not count as unhandled.
  fed.catch(() => undefined);
  try {
    yield* decompression.readable;
    await fed;
  } catch (error) {
    // Its own errors have no message.
    throw new Error(`DecompressionStream refuses ${path}`, { cause: error });
  }
}

async function feed(
  source: AsyncIterable<Uint8Array<ArrayBuffer>>,
  writer: ReturnType<DecompressionStream["writable"]["getWriter"]>,
): Promise<void> {
  try {
    for await (const chunk of source) await writer.write(chunk);
    await writer.close();
  } catch (error) {
    await writer.abort(error);
    throw error;
  }
}
