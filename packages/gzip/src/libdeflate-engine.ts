import { release } from "@bootstamp/segment-map";
import { closeStream } from "./close-stream.ts";
import type { Engine } from "./engine.ts";

/**
 * libdeflate as WebAssembly: smaller than the others, with more time than our own, and the same bytes on every machine.
 * Level 5 is the lowest that comes out smaller than `pigz -6`.
 */
export const libdeflateEngine: Engine = {
  name: "libdeflate",
  version: "0.1.0",
  maxLevel: 12,
  defaultLevel: 5,
  open: async (level) => {
    const { deflate } = await loadQuietly();
    return (raw) => {
      const stream = deflate(raw, level);
      const closed = closeStream(stream);
      release(stream);
      return closed;
    };
  },
};

/**
 * Loads the module without what it does to its host: on its first use it puts up process-wide handlers that throw
 * every uncaught error once more, which hides where it came from.
 */
async function loadQuietly(): Promise<typeof import("libdeflate")> {
  const library = await import("libdeflate");
  const exceptionHandlers = process.listeners("uncaughtException");
  const rejectionHandlers = process.listeners("unhandledRejection");
  library.deflate(Uint8Array.of(0));
  for (const handler of process.listeners("uncaughtException")) {
    if (!exceptionHandlers.includes(handler)) process.off("uncaughtException", handler);
  }
  for (const handler of process.listeners("unhandledRejection")) {
    if (!rejectionHandlers.includes(handler)) process.off("unhandledRejection", handler);
  }
  return library;
}
