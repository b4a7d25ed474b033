import { BootConfigError } from "./boot-config-error.ts";
import type { KargsStep, Replacement } from "./kargs-edit.ts";
import { endOfKernelArguments, type KernelArgument, sameKernelArgument } from "./kernel-argument.ts";
import type { ArgumentWord, KernelLine } from "./kernel-line.ts";

/** One argument of a command line that is being edited: as it stands, changed, or new (`word` undefined). */
export interface DraftArgument {
  readonly word: ArgumentWord | undefined;
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly known: boolean;
  /** The new spelling, or undefined when it stays as it is. */
  readonly spelled: string | undefined;
}

/** How a configuration format writes an argument. */
export type SpellArgument = (argument: KernelArgument) => string;

/** The kernel's arguments of a line: the words of all places, up to a bare `--`. */
export function draftOf(line: KernelLine): DraftArgument[] {
  const words = line.places.flatMap((place) => place.words);
  const stop = words.findIndex(isEndOfArguments);
  return words.slice(0, stop < 0 ? words.length : stop).map((word) => {
    const { key, value, known } = word;
    return { word, key, value, known, spelled: undefined };
  });
}

/** Whether the word ends the kernel's arguments. */
export function isEndOfArguments(word: ArgumentWord): boolean {
  return word.known && word.key === endOfKernelArguments && word.value === undefined;
}

/**
 * Carries out one step on the draft, in place.
 *
 * @returns whether the step found what it names; appending always does.
 * @throws BootConfigError KARGS_AMBIGUOUS when it names one argument and there are several.
 */
export function applyStep(draft: DraftArgument[], step: KargsStep, spell: SpellArgument): boolean {
  switch (step.verb) {
    case "delete":
    case "deleteIfPresent":
      return remove(draft, step.argument, step.request);
    case "replace":
      return replace(draft, step.choices, step.request, spell);
    case "append":
      draft.push(fresh(step.argument, spell));
      break;
    case "appendIfMissing":
      if (!draft.some((each) => isSame(each, step.argument))) draft.push(fresh(step.argument, spell));
  }
  return true;
}

function remove(draft: DraftArgument[], argument: KernelArgument, request: string): boolean {
  const same = draft.filter((each) => isSame(each, argument));
  const byKey = argument.value === undefined ? draft.filter((each) => each.key === argument.key) : [];
  if (same.length === 0 && byKey.length > 1) throw ambiguous("deleting", request, byKey);
  const doomed = new Set(same.length > 0 ? same : byKey);
  if (doomed.size === 0) return false;
  const kept = draft.filter((each) => !doomed.has(each));
  for (const [index, each] of kept.entries()) draft[index] = each;
  draft.length = kept.length;
  return true;
}

function replace(
  draft: DraftArgument[],
  choices: readonly Replacement[],
  request: string,
  spell: SpellArgument,
): boolean {
  const hits = choices.flatMap((choice) =>
    draft
      .filter((each) => isReplaceable(each, choice))
      .map((target) => ({ target, argument: choice.argument })),
  );
  const hit = hits[0];
  if (hit === undefined) return false;
  if (hits.length > 1)
    throw ambiguous(
      "replacing",
      request,
      hits.map(({ target }) => target),
    );
  draft[draft.indexOf(hit.target)] = { ...fresh(hit.argument, spell), word: hit.target.word };
  return true;
}

function isReplaceable(each: DraftArgument, { key, old }: Replacement): boolean {
  return old === undefined ? each.key === key : isSame(each, old);
}

function isSame(each: DraftArgument, argument: KernelArgument): boolean {
  const { key, value } = each;
  return each.known && key !== undefined && sameKernelArgument({ key, value }, argument);
}

function fresh(argument: KernelArgument, spell: SpellArgument): DraftArgument {
  const { key, value } = argument;
  return { word: undefined, key, value, known: true, spelled: spell(argument) };
}

function ambiguous(doing: string, request: string, found: readonly DraftArgument[]): BootConfigError {
  const values = found.map(({ key, value }) => (value === undefined ? `${key}` : `${key}=${value}`));
  return new BootConfigError(
    "KARGS_AMBIGUOUS",
    `${doing} the kernel argument ${JSON.stringify(request)}: it could be any of ${found.length}: ${values.join(", ")}`,
    { argument: request, found: values },
  );
}
