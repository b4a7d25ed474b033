import { type HaltFlag, throwIfHalted } from "@bootstamp/threads";

/** Parts as they come, until the work is given up: it is asked before each, and behind the last. */
export async function* haltable<Part>(
  parts: AsyncIterable<Part>,
  halt: HaltFlag | undefined,
): AsyncGenerator<Part> {
  if (halt !== undefined) throwIfHalted(halt);
  for await (const part of parts) {
    yield part;
    if (halt !== undefined) throwIfHalted(halt);
  }
}
