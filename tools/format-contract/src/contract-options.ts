import type { EncodeChoice } from "@bootstamp/segment-map";

/** What a stream format's own tests know and its contract cannot. */
export interface ContractOptions {
  /** At least one choice for each engine. The first is used where one will do, so it should be a fast one. */
  readonly choices: readonly EncodeChoice[];
  /** Decoders that are not ours. One that is always there, at least. */
  readonly outside: readonly OutsideDecoder[];
  /** Good files of the format that we did not make. */
  readonly foreign: readonly ForeignFile[];
}

export interface OutsideDecoder {
  readonly name: string;
  /** What `requires` of the witnesses returned. */
  readonly guard?: { readonly skip?: true };
  /** Decodes a whole file. @throws Error where the decoder complains. */
  decode(packed: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

export interface ForeignFile {
  readonly name: string;
  readonly packed: Uint8Array;
  /** What it comes to, where the format reads it; absent where it is said to have no map. */
  readonly raw?: Uint8Array;
}
