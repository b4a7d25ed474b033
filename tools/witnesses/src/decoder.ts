import { fileURLToPath } from "node:url";
import { compiledGo } from "./compiled-go.ts";

/** The compressed formats of our artifacts, named as their files end. */
export type StreamFormat = "gz" | "xz" | "zst";

/** A program or library, not ours, that must read our artifacts byte for byte. */
export interface Decoder {
  readonly name: string;
  /** Tools to hand to `requires`: its own, and what looks at the bytes that it prints. */
  readonly tools: readonly string[];
  readonly formats: readonly StreamFormat[];
  /** The library that it leaves the decoding to, where another decoder of the format stands for that. */
  readonly wraps?: string;
  /** The command that prints the decoded bytes of a whole file, and fails where it complains. */
  command(path: string): Promise<readonly string[]>;
}

const lookedAtBy = "python3";

/** A decoder that is a command, which takes the file's path behind `command` and prints the bytes. */
export function program(
  name: string,
  format: StreamFormat,
  tools: readonly string[],
  command: readonly string[],
): Decoder {
  return {
    name,
    tools: [lookedAtBy, ...tools],
    formats: [format],
    command: async (path) => [...command, path],
  };
}

/** A decoder that is a Go program in fixtures/, compiled when it is first asked. */
export function goProgram(
  name: string,
  format: StreamFormat,
  tools: readonly string[],
  source: string,
): Decoder {
  const command = async (path: string): Promise<readonly string[]> => [
    await compiledGo(fixture(source)),
    path,
  ];
  return { name, tools: [lookedAtBy, "go", ...tools], formats: [format], command };
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
  const command = async (path: string): Promise<readonly string[]> => {
    return ["nbdkit", "-U", "-", `--filter=${filter}`, "file", path, "--run", 'nbdcopy "$uri" -'];
  };
  return { name: "nbdkit", tools: [lookedAtBy, "nbdkit", "nbdcopy"], formats: [format], command };
}

/** Path of a file in fixtures/. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}
