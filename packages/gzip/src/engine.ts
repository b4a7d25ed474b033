/** Deflates `raw`, which has at least one byte, alone, and closes it with a full flush. The result is the caller's. */
export type Deflate = (raw: Uint8Array) => Uint8Array;

/** A program that deflates. */
export interface Engine {
  readonly name: string;
  /** What the bytes it makes depend on, beside the level. */
  readonly version: string;
  /** Levels from 1 up to this, on the engine's own scale. */
  readonly maxLevel: number;
  readonly defaultLevel: number;
  /** Loads the code if need be. */
  open(level: number): Promise<Deflate>;
}
