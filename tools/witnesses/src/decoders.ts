import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { fileURLToPath } from "node:url";
import { compiledGo } from "./compiled-go.ts";
import { streamOutput } from "./stream-output.ts";

/** The compressed formats of our artifacts, named as their files end. */
export type StreamFormat = "gz";

/** A program or library, not ours, that must read our artifacts byte for byte. */
export interface Decoder {
  readonly name: string;
  /** Tools to hand to `requires`. */
  readonly tools: readonly string[];
  readonly formats: readonly StreamFormat[];
  /** Yields the decoded bytes of a whole file in order, reading no faster than they are taken. @throws Error with the decoder's own words where it complains. */
  decode(path: string): AsyncIterable<Uint8Array>;
}

/** Every decoder that the artifacts are held against. */
export const decoders: readonly Decoder[] = [
  program("gzip", ["gzip"], ["gzip", "-dc"]),
  program("pigz", ["pigz"], ["pigz", "-dc"]),
  program("7-Zip", ["7z"], ["7z", "x", "-so", "-tgzip"]),
  program("libarchive", ["bsdcat"], ["bsdcat"]),
  program("busybox", ["busybox"], ["busybox", "gzip", "-dc"]),
  program("Python gzip", ["python3"], ["python3", fixture("gunzip-module.py")]),
  program("Python zlib", ["python3"], ["python3", fixture("gunzip-zlib.py")]),
  program("zstd", ["zstd"], ["zstd", "-dcq"]),
  program("Perl", ["perl"], ["perl", fixture("gunzip.pl")]),
  program("libdeflate", ["libdeflate-gunzip"], ["libdeflate-gunzip", "-c"]),
  program("igzip", ["igzip"], ["igzip", "-dc"]),
  // javac is asked for because running a source file needs the compiler, which a bare JRE lacks.
  program("Java", ["java", "javac"], ["java", "-Xmx64m", fixture("Gunzip.java")]),
  { name: "Go", tools: ["go"], formats: ["gz"], decode: decodeByGo },
  { name: "nbdkit", tools: ["nbdkit", "nbdcopy"], formats: ["gz"], decode: decodeByNbdkit },
  { name: "node:zlib", tools: [], formats: ["gz"], decode: decodeByNode },
  { name: "DecompressionStream", tools: [], formats: ["gz"], decode: decodeByWebStream },
];

/** The decoders that read one format. */
export function decodersFor(format: StreamFormat): readonly Decoder[] {
  return decoders.filter((decoder) => decoder.formats.includes(format));
}

function program(name: string, tools: readonly string[], command: readonly string[]): Decoder {
  const [executable = "", ...args] = command;
  return { name, tools, formats: ["gz"], decode: (path) => streamOutput(executable, [...args, path]) };
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

async function* decodeByGo(path: string): AsyncIterable<Uint8Array> {
  yield* streamOutput(await compiledGo(fixture("gunzip.go")), [path]);
}

function decodeByNbdkit(path: string): AsyncIterable<Uint8Array> {
  return streamOutput("nbdkit", ["-U", "-", "--filter=gzip", "file", path, "--run", 'nbdcopy "$uri" -']);
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
