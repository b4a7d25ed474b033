import { BootConfigError } from "./boot-config-error.ts";
import { checkConfigText } from "./config-text.ts";
import type { KargsStep } from "./kargs-edit.ts";
import { type KargsKind, kargsFormats } from "./kargs-kind.ts";
import { applyStep, draftOf } from "./kernel-line-draft.ts";
import type { LeftLine } from "./kernel-line.ts";
import { checkEntryQuotes } from "./plain-argument.ts";
import { rewriteKernelLine } from "./rewrite-kernel-line.ts";
import { applySplices, type Splice } from "./splice.ts";

/** The outcome of an edit of one file. */
export interface KargsResult {
  readonly text: string;
  /** Lines of the file that are not as they were. */
  readonly changedLines: number;
  /** Kernel command lines in the file: menu entries, labels. */
  readonly kernelLines: number;
  /** Kernel command lines in which a delete or replace found nothing to do; it found it in another one. */
  readonly unmatchedLines: number;
  readonly left: readonly LeftLine[];
}

export interface KargsTextResult extends KargsResult {
  /** Steps that found what they name in at least one command line of the file. */
  readonly matched: ReadonlySet<KargsStep>;
}

/**
 * Carries out checked steps on every kernel command line of a file.
 *
 * @throws BootConfigError KARGS_NO_LINE when there is none, and as the steps and the format have it.
 */
export function editKargsText(kind: KargsKind, text: string, steps: readonly KargsStep[]): KargsTextResult {
  checkConfigText(text);
  const { find, spell } = kargsFormats[kind];
  const { lines, left } = find(text);
  if (lines.length === 0) throw noLine(kind, left);
  const matched = new Set<KargsStep>();
  const splices: Splice[] = [];
  let unmatchedLines = 0;
  for (const line of lines) {
    const draft = draftOf(line);
    const found = steps.filter((step) => applyStep(draft, step, spell));
    for (const step of found) matched.add(step);
    if (found.length < steps.length) unmatchedLines += 1;
    for (const splice of rewriteKernelLine(text, line, draft)) splices.push(splice);
  }
  const edited = applySplices(text, splices);
  if (kind === "bls") checkEntryQuotes(text, edited);
  return {
    text: edited,
    changedLines: splices.length,
    kernelLines: lines.length,
    unmatchedLines,
    left,
    matched,
  };
}

/** The error of steps that found nothing anywhere, undefined when all did that must. */
export function missingArguments(
  steps: readonly KargsStep[],
  matched: ReadonlySet<KargsStep>,
): BootConfigError | undefined {
  const missing = steps.filter((step) => isStrict(step) && !matched.has(step));
  if (missing.length === 0) return undefined;
  const shown = missing.map(({ verb, request }) => `${verb} ${JSON.stringify(request)}`);
  const hint = missing.some((step) => step.verb === "replace" && (step.choices[0]?.old?.text ?? "") !== "")
    ? " (a new value with an = in it is given as { key, new })"
    : "";
  return new BootConfigError(
    "KARGS_MISSING",
    `editing kernel arguments: not found on any kernel command line: ${shown.join(", ")}${hint}`,
    { arguments: missing.map(({ request }) => request) },
  );
}

function isStrict({ verb }: KargsStep): boolean {
  return verb === "delete" || verb === "replace";
}

function noLine(kind: KargsKind, left: readonly LeftLine[]): BootConfigError {
  const why = left.slice(0, 10).map(({ lineNumber, reason }) => `line ${lineNumber}: ${reason}`);
  return new BootConfigError(
    "KARGS_NO_LINE",
    `editing kernel arguments: no kernel command line in this ${kind} configuration${why.map((each) => `; ${each}`).join("")}`,
    { kind },
  );
}
