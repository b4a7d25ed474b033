import { BootConfigError } from "./boot-config-error.ts";
import { editKargsText, type KargsResult, missingArguments } from "./edit-kargs-text.ts";
import { type KargsEdit, planKargs } from "./kargs-edit.ts";
import type { KargsKind } from "./kargs-kind.ts";

/** A configuration file in hand; `path` is only for reports and errors. */
export interface KargsFile {
  readonly path: string;
  readonly kind: KargsKind;
  readonly text: string;
}

export interface KargsFileResult extends KargsResult {
  readonly path: string;
  readonly kind: KargsKind;
}

/**
 * Edits the kernel arguments of one configuration file, on every kernel command line in it; all other
 * characters stay as they are.
 *
 * A `delete` or `replace` has to find its argument on one of the lines, not on all of them: recovery entries
 * differ from ordinary ones.
 *
 * @throws BootConfigError KARGS_INVALID for a malformed edit, KARGS_MISSING and KARGS_AMBIGUOUS as in
 * {@link KargsEdit}, KARGS_UNSAYABLE when the boot loader cannot hand an argument through, KARGS_NO_LINE when
 * the file has no kernel command line, BOOT_TEXT_SYNTAX and BOOT_TEXT_BINARY when it cannot be read.
 */
export function applyKargs(kind: KargsKind, text: string, edit: KargsEdit): KargsResult {
  const steps = planKargs(edit);
  const { matched, ...result } = editKargsText(kind, text, steps);
  const missing = missingArguments(steps, matched);
  if (missing) throw missing;
  return result;
}

/**
 * Edits all configuration files of an image as one: a `delete` or `replace` has to find its argument in one of
 * them. Results are in the order of the files.
 *
 * @throws BootConfigError as {@link applyKargs}, with the path in front of the message.
 */
export function applyKargsToFiles(files: readonly KargsFile[], edit: KargsEdit): KargsFileResult[] {
  const steps = planKargs(edit);
  const results = files.map(({ path, kind, text }) => {
    const { matched, ...result } = withPath(path, () => editKargsText(kind, text, steps));
    return { matched, result: Object.assign(result, { path, kind }) };
  });
  const missing = missingArguments(steps, new Set(results.flatMap(({ matched }) => [...matched])));
  if (missing) throw missing;
  return results.map(({ result }) => result);
}

function withPath<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BootConfigError)) throw error;
    throw new BootConfigError(
      error.code,
      `${path}: ${error.message}`,
      { ...error.fields, path },
      { cause: error },
    );
  }
}
