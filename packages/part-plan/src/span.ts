/** A run of a new object's bytes: `shared` ones are those of the base object from `baseOffset` on. */
export interface Span {
  readonly kind: "shared" | "fresh";
  readonly length: number;
  /** Of a shared span: where its bytes begin in the base object. */
  readonly baseOffset?: number;
}

/** A part of the new object, made on the server from the base, or uploaded. */
export type Part =
  | { readonly kind: "copy"; readonly offset: number; readonly length: number; readonly baseOffset: number }
  | { readonly kind: "upload"; readonly offset: number; readonly length: number };
