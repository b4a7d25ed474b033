import { resolve } from "node:path";
import type { Edit } from "@bootstamp/bootfs";
import { Fault } from "@bootstamp/fault";
import type { RegionChoice } from "@bootstamp/layout";
import {
  expandVariants,
  loadSpec,
  parseSpec,
  renderVariant,
  SpecError,
  type RenderedVariant,
  type Spec,
} from "@bootstamp/variants";
import { ProgramError } from "../program-error.ts";
import { placedFault } from "../build/placed-fault.ts";
import { selectPlans } from "../build/selection.ts";

/** An edit of the command line: the YAML of it, and the words that it was asked for with. */
export interface WordedEdit {
  readonly words: string;
  /** As a spec has it, on one line: `kargs: { append: [quiet] }`. */
  readonly yaml: string;
}

/** Where the edits come from: one variant of a spec, or the command line. */
export type EditOrigin =
  | { readonly specPath: string; readonly variant: string }
  | { readonly edits: readonly WordedEdit[]; readonly region: RegionChoice | undefined };

export interface StampEdits {
  readonly edits: readonly Edit[];
  readonly region: RegionChoice;
  /** Puts the place of the edit that failed before an error's message. */
  readonly placed: (error: unknown) => unknown;
}

/** Reads the edits to stamp. @throws SpecError, ProgramError `USAGE_ARGUMENT`. */
export async function readEdits(origin: EditOrigin): Promise<StampEdits> {
  if ("edits" in origin) return await readWordedEdits(origin.edits, origin.region);
  const spec = await loadSpec(origin.specPath);
  const rendered = await renderNamed(spec, origin.variant);
  return { edits: rendered.edits, region: spec.region, placed: (error) => placedFault(error, rendered) };
}

async function renderNamed(spec: Spec, name: string): Promise<RenderedVariant> {
  const [plan] = selectPlans(expandVariants(spec), { variants: [name] });
  if (plan === undefined) throw new Error(`internal error: ${name} was not selected`);
  return await renderVariant(spec, plan);
}

/** Nobody has heard of that variant. */
const ownVariant = / \(variant "stamped"\)$/;

/** What stands before the first edit in a spec that says what the command line says, so that both have the same rules. */
function specHead(region: RegionChoice): readonly string[] {
  return [
    "version: 1",
    "base: { image: stampable }",
    `region: ${JSON.stringify(region)}`,
    "allow-paths: [/]",
    "variants:",
    "  - name: stamped",
    "    edits:",
  ];
}

async function readWordedEdits(
  worded: readonly WordedEdit[],
  region: RegionChoice = { role: "boot" },
): Promise<StampEdits> {
  for (const { words, yaml } of worded) {
    if (!/[\r\n]/.test(yaml)) continue;
    throw new ProgramError("USAGE_ARGUMENT", `an edit on the command line is one line: ${words}`);
  }
  const head = specHead(region);
  const text = [...head, ...worded.map(({ yaml }) => `      - ${yaml}`)].join("\n");
  const wordsAt = (line: number): string => worded[line - 1 - head.length]?.words ?? "the command line";
  try {
    // The name only says that files are looked for where the command is run.
    const spec = await parseSpec(resolve("command-line"), text);
    const { edits, notes } = await renderNamed(spec, "stamped");
    return { edits, region, placed: (error) => wordedFault(error, notes, wordsAt) };
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const lines = error.complaints.map(
      ({ position, message }) => `${wordsAt(position.line)}: ${message.replace(ownVariant, "")}`,
    );
    throw new ProgramError("USAGE_ARGUMENT", lines.join("\n"), {}, { cause: error });
  }
}

function wordedFault(
  error: unknown,
  notes: RenderedVariant["notes"],
  wordsAt: (line: number) => string,
): unknown {
  if (!(error instanceof Fault)) return error;
  const index = error.fields["edit"];
  const position = typeof index === "number" ? notes[index]?.position : undefined;
  if (position === undefined) return error;
  return new Fault(error.code, `${wordsAt(position.line)}: ${error.message}`, error.fields, { cause: error });
}
