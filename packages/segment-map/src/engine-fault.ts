import { MapError } from "./map-error.ts";

/** The fault `MAP_ENGINE` of an engine that threw `cause` at a piece of `length` raw bytes. */
export function engineFault(engine: string, length: number, cause: unknown): MapError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MapError(
    "MAP_ENGINE",
    `engine ${engine} broke off at a piece of ${length} bytes: ${reason}`,
    { engine },
    { cause },
  );
}
