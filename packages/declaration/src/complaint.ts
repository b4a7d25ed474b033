import { Fault } from "@bootstamp/fault";
import { formatPosition, type TextPosition } from "./text-position.ts";

/** One thing that is wrong, and where. The message never holds a secret or a file's content. */
export interface Complaint<Code extends string = string> {
  readonly code: Code;
  readonly position: TextPosition;
  readonly message: string;
}

/** A person mends a handful at a time; a table with one wrong column name has one complaint per row. */
const complaintsShown = 20;
/** A hostile file can be wrong at every byte. */
const complaintsKept = 1000;

/**
 * What is wrong with a declaration, or with a file that it names: one line `file:line:column: message` per complaint,
 * in the order of the file. `code` is the first complaint's. Each kind of declaration has its own subclass.
 */
export class DeclarationError<Code extends string = string> extends Fault<Code> {
  /** Sorted, without repetitions, 1000 at most; the message shows the first 20. */
  readonly complaints: readonly Complaint<Code>[];

  constructor(found: readonly [Complaint<Code>, ...Complaint<Code>[]], options: ErrorOptions = {}) {
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
export function formatComplaint(complaint: Complaint): string {
  return `${formatPosition(complaint.position)}: ${complaint.message}`;
}

function inOrder<Code extends string>(found: readonly Complaint<Code>[]): readonly Complaint<Code>[] {
  const unlike = new Map(
    found.slice(0, complaintsKept).map((complaint) => [formatComplaint(complaint), complaint]),
  );
  return [...unlike.values()].toSorted(
    ({ position: a }, { position: b }) =>
      (a.file < b.file ? -1 : Number(a.file > b.file)) || a.line - b.line || a.column - b.column,
  );
}
