import { fixture } from "./decoder.ts";
import { run } from "./run.ts";

/**
 * The 4 KiB blocks, by offset, in which two files differ. Needs python3.
 * @throws Error where they are not of one length.
 */
export async function differentBlocks(a: string, b: string): Promise<number[]> {
  const printed = await run("python3", [fixture("different-blocks.py"), a, b]);
  return printed.split("\n").filter(Boolean).map(Number);
}
