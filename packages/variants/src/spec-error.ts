import {
  addCaught,
  DeclarationError,
  refuseAll,
  type Complaint,
  type DeclarationKind,
  type TextPosition,
} from "@bootstamp/declaration";

/** Every code of {@link SpecError}; docs/ERRORS.md gives cause and cure. */
export const specErrorCodes = [
  "SPEC_UNREADABLE",
  "SPEC_SYNTAX",
  "SPEC_UNKNOWN_KEY",
  "SPEC_MISSING_KEY",
  "SPEC_VALUE",
  "SPEC_TEMPLATE",
  "SPEC_TABLE",
  "SPEC_SECRET_MISSING",
  "SPEC_PATH_OUTSIDE",
  "SPEC_OUTPUT_NAME",
  "SPEC_DUPLICATE_VARIANT",
  "SPEC_EDIT",
  "SPEC_TOO_LARGE",
] as const;

export type SpecErrorCode = (typeof specErrorCodes)[number];

/** A place in a spec, or in a file that it names as the spec's folder and the path in the spec make it. */
export type SpecPosition = TextPosition;

/** One thing that is wrong with a spec, and where. */
export type SpecComplaint = Complaint<SpecErrorCode>;

/** What is wrong with a spec, or with a file that it names. */
export class SpecError extends DeclarationError<SpecErrorCode> {}

export const specKind: DeclarationKind<SpecErrorCode> = {
  noun: "spec",
  codes: {
    syntax: "SPEC_SYNTAX",
    "unknown-key": "SPEC_UNKNOWN_KEY",
    "missing-key": "SPEC_MISSING_KEY",
    value: "SPEC_VALUE",
    "too-large": "SPEC_TOO_LARGE",
  },
  ErrorClass: SpecError,
};

/** A {@link SpecError} with one complaint. */
export function specError(
  code: SpecErrorCode,
  position: SpecPosition,
  message: string,
  options: ErrorOptions = {},
): SpecError {
  return new SpecError([{ code, position, message }], options);
}

/** Throws what has been collected; returns when there is nothing. */
export function refuse(complaints: readonly SpecComplaint[]): void {
  refuseAll(specKind, complaints);
}

/** Runs `work` and adds what it complains of to `complaints`; other errors pass through. */
export function collect<Result>(complaints: SpecComplaint[], work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    addComplaints(complaints, error);
    return undefined;
  }
}

/** Adds a caught error's complaints, reworded; throws it on when it is none of ours. */
export function addComplaints(
  complaints: SpecComplaint[],
  error: unknown,
  reword?: (complaint: SpecComplaint) => string,
): void {
  addCaught(specKind, complaints, error, reword);
}
