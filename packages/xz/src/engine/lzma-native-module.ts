import { createRequire } from "node:module";

/** What a coder calls: bytes; or, with `null` for bytes, the end, with an error where it is one. */
export type BufferHandler = (
  bytes: Uint8Array | null | undefined,
  processed: unknown,
  error: unknown,
) => void;

/** lzma-native's coder itself, without the stream around it, which splits its input at "YZ". */
export interface NativeCoder {
  bufferHandler: BufferHandler;
  rawEncoder(options: { readonly filters: readonly object[] }): void;
  /** Bytes that are handed over at once. */
  setBufsize(length: number): void;
  /** Codes `bytes`, or with `null` the rest; in this thread if `elsewhere` is false. */
  code(bytes: Uint8Array | null, elsewhere: boolean): void;
  /** Frees its memory. */
  resetUnderlying(): void;
}

/** The part of lzma-native 8.0.6 that is used here. The types that others publish for it are of another version. */
export interface LzmaNative {
  readonly version: string;
  readonly Stream: new () => NativeCoder;
  readonly MODE_FAST: number;
  readonly MODE_NORMAL: number;
  readonly MF_HC3: number;
  readonly MF_HC4: number;
  readonly MF_BT4: number;
  /** Version of liblzma. */
  versionString(): string;
}

/** Loads the native code, on first use: who only reads needs none. @throws Error where there is none for the system. */
export function loadLzmaNative(): LzmaNative {
  const require = createRequire(import.meta.url);
  const library: LzmaNative = require("lzma-native");
  return library;
}
