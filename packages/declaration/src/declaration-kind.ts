import type { Complaint, DeclarationError } from "./complaint.ts";

/** What can be wrong with a declaration of any kind. */
export type Flaw = "syntax" | "unknown-key" | "missing-key" | "value" | "too-large";

/** One kind of file that people write, such as a spec: what sets its complaints apart from those of other kinds. */
export interface DeclarationKind<Code extends string> {
  /** What messages call it: one word that "a" can stand before. */
  readonly noun: string;
  readonly codes: Readonly<Record<Flaw, Code>>;
  /** What is thrown. */
  readonly ErrorClass: new (
    found: readonly [Complaint<Code>, ...Complaint<Code>[]],
    options?: ErrorOptions,
  ) => DeclarationError<Code>;
}

/** Says that something at `offset` of the text is wrong. */
export type ComplainAt = (flaw: Flaw, offset: number, message: string) => void;
