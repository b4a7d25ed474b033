import { BootConfigError } from "./boot-config-error.ts";
import { type KernelArgument, parseKernelArgument } from "./kernel-argument.ts";

/**
 * `KEY=OLD=NEW`, `KEY=NEW` where the key has one value, or the same in parts, which a value with an `=` in it
 * needs where the string would be ambiguous (`{ key: "root", new: "UUID=1234" }`).
 */
export type KargsReplacement = string | { readonly key: string; readonly old?: string; readonly new: string };

/**
 * What to do to a kernel command line. The lists apply in the order delete, deleteIfPresent, replace, append,
 * appendIfMissing; each in its own order.
 *
 * - `delete` takes away every argument that is equal; `KEY` alone also takes `KEY=value` when the key has one
 *   value. Not there: an error (as rpm-ostree has it; coreos-installer says nothing).
 * - `deleteIfPresent` is the same without that error.
 * - `replace` changes one argument where it stands. Not there, or there twice: an error.
 * - `append` adds at the end, before a bare `--`, whether it is there or not.
 * - `appendIfMissing` adds unless an equal argument is there; another value of the same key does not count.
 */
export interface KargsEdit {
  readonly delete?: readonly string[];
  readonly deleteIfPresent?: readonly string[];
  readonly replace?: readonly KargsReplacement[];
  readonly append?: readonly string[];
  readonly appendIfMissing?: readonly string[];
}

/** One checked operation of a {@link KargsEdit}. `request` is what the person wrote. */
export type KargsStep =
  | {
      readonly verb: "delete" | "deleteIfPresent";
      readonly request: string;
      readonly argument: KernelArgument;
    }
  | {
      readonly verb: "append" | "appendIfMissing";
      readonly request: string;
      readonly argument: KernelArgument;
    }
  | { readonly verb: "replace"; readonly request: string; readonly choices: readonly Replacement[] };

/** One reading of a replacement; `old` undefined means whatever single value the key has. */
export interface Replacement {
  readonly key: string;
  readonly old: KernelArgument | undefined;
  readonly argument: KernelArgument;
}

/**
 * Checks an edit and puts its operations into the order in which they apply.
 *
 * @throws BootConfigError KARGS_INVALID when an argument is malformed or there is nothing to do.
 */
export function planKargs(edit: KargsEdit): KargsStep[] {
  const steps = [
    ...plain("delete", edit.delete),
    ...plain("deleteIfPresent", edit.deleteIfPresent),
    ...(edit.replace ?? []).map(planReplacement),
    ...plain("append", edit.append),
    ...plain("appendIfMissing", edit.appendIfMissing),
  ];
  if (steps.length === 0)
    throw new BootConfigError("KARGS_INVALID", "editing kernel arguments: nothing to do");
  return steps;
}

function plain(verb: Exclude<KargsStep["verb"], "replace">, requests: readonly string[] = []): KargsStep[] {
  return requests.map((request) => ({ verb, request, argument: parseKernelArgument(request) }));
}

function planReplacement(replacement: KargsReplacement): KargsStep {
  if (typeof replacement !== "string") return planStructured(replacement);
  const { key, value } = parseKernelArgument(replacement);
  if (value === undefined) {
    throw new BootConfigError(
      "KARGS_INVALID",
      `replacing a kernel argument: got ${JSON.stringify(replacement)}, expected KEY=OLD=NEW or KEY=NEW`,
      { argument: replacement },
    );
  }
  // The text after the key as written: quotes decide where an `=` separates.
  const rest = replacement.slice(replacement.indexOf("=", replacement.startsWith('"') ? 2 : 1) + 1);
  const splits = replacement.startsWith('"') ? [] : unquotedEquals(rest);
  const choices = splits.map((at) => ({
    key,
    old: parseKernelArgument(`${key}=${rest.slice(0, at)}`),
    argument: parseKernelArgument(`${key}=${rest.slice(at + 1)}`),
  }));
  const single = { key, old: undefined, argument: parseKernelArgument(replacement) };
  return { verb: "replace", request: replacement, choices: choices.length > 0 ? choices : [single] };
}

function planStructured(replacement: Exclude<KargsReplacement, string>): KargsStep {
  const { key, old } = replacement;
  const choice = {
    key,
    old: old === undefined ? undefined : parseKernelArgument(`${key}=${old}`),
    argument: parseKernelArgument(`${key}=${replacement.new}`),
  };
  if (choice.argument.key !== key) {
    throw new BootConfigError(
      "KARGS_INVALID",
      `replacing a kernel argument: ${JSON.stringify(key)} is no key`,
      { key },
    );
  }
  const request = old === undefined ? `${key}=${replacement.new}` : `${key}=${old}=${replacement.new}`;
  return { verb: "replace", request, choices: [choice] };
}

function unquotedEquals(text: string): number[] {
  const found: number[] = [];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === "=" && !quoted) found.push(at);
  }
  return found;
}
