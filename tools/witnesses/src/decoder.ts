import { fileURLToPath } from "node:url";
import { streamOutput } from "./stream-output.ts";

/** The compressed formats of our artifacts, named as their files end. */
export type StreamFormat = "gz" | "xz" | "zst";

/** A program or library, not ours, that must read our artifacts byte for byte. */
export interface Decoder {
  readonly name: string;
  /** Tools to hand to `requires`. */
  readonly tools: readonly string[];
  readonly formats: readonly StreamFormat[];
  /** The library that it leaves the decoding to, where another decoder of the format stands for that. */
  readonly wraps?: string;
  /**
   * Yields the decoded bytes of a whole file in order, reading no faster than they are taken.
   * @throws Error with the decoder's own words where it complains.
   */
  decode(path: string): AsyncIterable<Uint8Array>;
}

/** A decoder that is a command, which takes the file's path behind `command` and prints the bytes. */
export function program(
  name: string,
  format: StreamFormat,
  tools: readonly string[],
  command: readonly string[],
): Decoder {
  const [executable = "", ...args] = command;
  return { name, tools, formats: [format], decode: (path) => streamOutput(executable, [...args, path]) };
}

/** Decoders that read the same bits by the same library as another, and differ in what they do around it. */
export function wrappersOf(library: string, ...decoders: readonly Decoder[]): readonly Decoder[] {
  return decoders.map((decoder) => wrapperOf(library, decoder));
}

function wrapperOf(library: string, decoder: Decoder): Decoder {
  return { ...decoder, wraps: library };
}

/** A decoder that is a filter of nbdkit: the file is served, and the disk that clients see is copied. */
export function nbdkitFilter(format: StreamFormat, filter: string): Decoder {
  const decode = (path: string): AsyncIterable<Uint8Array> =>
    streamOutput("nbdkit", ["-U", "-", `--filter=${filter}`, "file", path, "--run", 'nbdcopy "$uri" -']);
  return { name: "nbdkit", tools: ["nbdkit", "nbdcopy"], formats: [format], decode };
}

/** Path of a file in fixtures/. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}
