import { Fault } from "@bootstamp/fault";
import { formatPosition, type SpecPosition } from "./spec-position.ts";

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

/** One thing that is wrong, and where. The message never holds a secret or a file's content. */
export interface SpecComplaint {
  readonly code: SpecErrorCode;
  readonly position: SpecPosition;
  readonly message: string;
}

/** A person mends a handful at a time; a table with one wrong column name has one complaint per row. */
const complaintsShown = 20;
/** A hostile file can be wrong at every byte. */
const complaintsKept = 1000;

/**
 * What is wrong with a spec, or with a file that it names: one line `file:line:column: message` per complaint, in the
 * order of the file. `code` is the first complaint's.
 */
export class SpecError extends Fault<SpecErrorCode> {
  /** Sorted, without repetitions, 1000 at most; the message shows the first 20. */
  readonly complaints: readonly SpecComplaint[];

  constructor(found: readonly [SpecComplaint, ...SpecComplaint[]], options: ErrorOptions = {}) {
    const complaints = inOrder(found);
    const first = complaints[0] ?? found[0];
    const lines = complaints.slice(0, complaintsShown).map(formatComplaint);
    const unshown = complaints.length - lines.length + Math.max(0, found.length - complaintsKept);
    if (unshown > 0) lines.push(`and ${unshown} more`);
    super(first.code, lines.join("\n"), { ...first.position, complaints: complaints.length }, options);
    this.complaints = complaints;
  }
}

/** `file:line:column: message`. */
export function formatComplaint(complaint: SpecComplaint): string {
  return `${formatPosition(complaint.position)}: ${complaint.message}`;
}

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
  const [first, ...rest] = complaints;
  if (first !== undefined) throw new SpecError([first, ...rest]);
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

/** Adds `more` to `complaints`: as arguments of one `push` they could be too many. */
export function addAll(complaints: SpecComplaint[], more: Iterable<SpecComplaint>): void {
  for (const complaint of more) complaints.push(complaint);
}

/** Adds a caught error's complaints, reworded; throws it on when it is none of ours. */
export function addComplaints(
  complaints: SpecComplaint[],
  error: unknown,
  reword: (complaint: SpecComplaint) => string = ({ message }) => message,
): void {
  if (!(error instanceof SpecError)) throw error;
  for (const complaint of error.complaints) complaints.push({ ...complaint, message: reword(complaint) });
}

function inOrder(found: readonly SpecComplaint[]): readonly SpecComplaint[] {
  const unlike = new Map(
    found.slice(0, complaintsKept).map((complaint) => [formatComplaint(complaint), complaint]),
  );
  return [...unlike.values()].toSorted(
    ({ position: a }, { position: b }) =>
      (a.file < b.file ? -1 : Number(a.file > b.file)) || a.line - b.line || a.column - b.column,
  );
}
