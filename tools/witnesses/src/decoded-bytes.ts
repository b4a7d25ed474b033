// What decoders make of files goes through pipes between programs: gigabytes of small buffers would keep the garbage
// collector of a test run busier than the decoders.
import { type Decoder, fixture } from "./decoder.ts";
import { run } from "./run.ts";

/** What a stream of bytes came to. */
export interface Digested {
  readonly length: number;
  readonly sha256: string;
}

/** Digests what a decoder makes of a file. @throws Error where the decoder complains. */
export async function digestDecoded(decoder: Decoder, path: string): Promise<Digested> {
  return parseDigest(await pipe(decoder, path, 'python3 "$script"', { script: fixture("digest-pipe.py") }));
}

/**
 * Compares what a decoder makes of a file with the raw file.
 * @throws Error that names the first offset at which they differ; where the decoder complains.
 */
export async function assertDecodesTo(decoder: Decoder, path: string, rawPath: string): Promise<void> {
  const names = { script: fixture("compare.py"), raw: rawPath };
  await pipe(decoder, path, 'python3 "$script" "$raw"', names);
}

/** Decodes a file to a new file, leaving holes for zeros. @throws Error where the decoder complains. */
export async function decodeToFile(decoder: Decoder, path: string, target: string): Promise<void> {
  await pipe(decoder, path, 'cp --sparse=always /dev/stdin "$target"', { target });
}

/** Runs the decoder into a command that finds what it needs in variables, and returns what both print. */
async function pipe(
  decoder: Decoder,
  path: string,
  sink: string,
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const command = await decoder.command(path);
  const words = ["-o", "pipefail", "-c", `"$@" | ${sink}`, decoder.name, ...command];
  return run("bash", words, { env: variables });
}

/** Digests a file as it is. Needs python3. */
export async function digestFile(path: string): Promise<Digested> {
  return parseDigest(await run("python3", [fixture("digest-file.py"), path]));
}

function parseDigest(printed: string): Digested {
  const [, length, sha256 = ""] = /^(\d+) ([0-9a-f]{64})$/m.exec(printed) ?? [];
  return { length: Number(length), sha256 };
}
