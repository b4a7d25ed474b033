import type { Complaint } from "./complaint.ts";
import type { DeclarationKind } from "./declaration-kind.ts";

/** Throws what has been collected, as the error of `kind`; returns when there is nothing. */
export function refuseAll<Code extends string>(
  kind: DeclarationKind<Code>,
  complaints: readonly Complaint<Code>[],
): void {
  const [first, ...rest] = complaints;
  if (first !== undefined) throw new kind.ErrorClass([first, ...rest]);
}

/** Adds `more` to `complaints`: as arguments of one `push` they could be too many. */
export function addAll<Code extends string>(
  complaints: Complaint<Code>[],
  more: Iterable<Complaint<Code>>,
): void {
  for (const complaint of more) complaints.push(complaint);
}

/** Adds a caught error's complaints, reworded; throws it on when it is none of `kind`. */
export function addCaught<Code extends string>(
  kind: DeclarationKind<Code>,
  complaints: Complaint<Code>[],
  error: unknown,
  reword: (complaint: Complaint<Code>) => string = ({ message }) => message,
): void {
  if (!(error instanceof kind.ErrorClass)) throw error;
  for (const complaint of error.complaints) complaints.push({ ...complaint, message: reword(complaint) });
}
