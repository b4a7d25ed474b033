import type { Edit } from "@bootstamp/bootfs";
import { quote } from "@bootstamp/declaration";
import { concealSecrets } from "./conceal-secrets.ts";
import { contentIdentity } from "./variant-identity.ts";
import { editTools } from "./edit-tools.ts";
import type { VariantPlan } from "./expand-variants.ts";
import type { RenderedEdit } from "./file-edits.ts";
import { renderEdit } from "./render-edit.ts";
import type { Spec } from "./spec.ts";
import { addComplaints, refuse, type SpecComplaint, type SpecPosition } from "./spec-error.ts";

/** A variant with everything that its edits need in memory. */
export interface RenderedVariant {
  readonly name: string;
  /** File name of the artifact without the ending of a format. */
  readonly outputName: string;
  readonly outputs: ReadonlyMap<string, string>;
  readonly edits: readonly Edit[];
  /** For each edit, what may be told of it. */
  readonly notes: readonly EditNote[];
  /**
   * Covers what secrets came to in a text about the edits, also where it quotes only a part of one: an edit that fails
   * may quote a file that an earlier one wrote.
   */
  readonly conceal: (text: string) => string;
  /** SHA-256 of the edits' canonical form, in hexadecimal; {@link variantIdentity} makes an identity of it. */
  readonly contentIdentity: string;
}

/** What goes with an edit of the same index. */
export interface EditNote {
  /** Where the spec asks for it: errors of its application belong there. */
  readonly position: SpecPosition;
  /** One line without any content, for plans and reports. */
  readonly summary: string;
  /** True when the edit holds a secret: then nothing but the summary may be shown. */
  readonly secret: boolean;
}

/**
 * Reads what a variant's edits name, renders its templates, and makes edits of it. Contents may be shared between
 * variants: do not write to them.
 *
 * @throws SpecError with the complaints of all its edits: SPEC_TEMPLATE, SPEC_EDIT, SPEC_SECRET_MISSING,
 * SPEC_UNREADABLE, SPEC_PATH_OUTSIDE, SPEC_VALUE, SPEC_TOO_LARGE.
 */
export async function renderVariant(spec: Spec, plan: VariantPlan): Promise<RenderedVariant> {
  const tools = editTools(spec, plan);
  const rendered: (RenderedEdit & EditNote)[] = [];
  const complaints: SpecComplaint[] = [];
  for (const source of plan.group.edits)
    try {
      for (const edit of await renderEdit(source, tools))
        rendered.push({ ...edit, position: source.position });
    } catch (error) {
      addComplaints(complaints, error, ({ message }) => `${message} (variant ${quote(plan.name)})`);
    }
  refuse(complaints);
  const edits = rendered.map(({ edit }) => edit);
  return {
    name: plan.name,
    outputName: plan.outputName,
    outputs: plan.outputs,
    edits,
    notes: rendered.map(({ position, summary, secret }) => ({ position, summary, secret })),
    conceal: (text) => concealSecrets(text, tools.secrets),
    contentIdentity: contentIdentity(edits),
  };
}
