import { openEditor, type Edit, type EditReport, type RegionEditor } from "@bootstamp/bootfs";
import { alignExtents, totalLength, type Extent } from "@bootstamp/segment-map";
import { mapInOrder, weightGate, type WeightGate } from "@bootstamp/threads";
import { renderVariant, type RenderedVariant, type Spec, type VariantPlan } from "@bootstamp/variants";
import { generator } from "../version.ts";
import type { BaseImage } from "./base-image.ts";
import { identityOf } from "./identity.ts";
import type { KeptPatch, PatchStore } from "./patch-store.ts";
import { placedFault } from "./placed-fault.ts";

/** A variant whose edits have been made on an overlay; its patch waits in a store. */
export interface PatchedVariant {
  readonly plan: VariantPlan;
  readonly contentIdentity: string;
  readonly patchKey: string;
  /** What the patch covers. */
  readonly extents: readonly Extent[];
  readonly reports: readonly EditReport[];
}

export interface PatchRequest {
  readonly spec: Spec;
  readonly plans: readonly VariantPlan[];
  readonly base: BaseImage;
  /** Seconds since 1970 that edited files are dated with; the file system's own last write when absent. */
  readonly clock: number | undefined;
  readonly store: PatchStore;
  readonly onPatched?: (patched: PatchedVariant) => void;
  readonly signal: AbortSignal;
}

/** What decides on a patch beside the edits and the base's bytes. */
export interface PatchPlace {
  readonly offset: number;
  readonly length: number;
  readonly sectorLength: number;
  readonly clock: number | "own";
}

export function placeOf(
  { region, layout }: Pick<BaseImage, "region" | "layout">,
  clock: number | undefined,
): PatchPlace {
  const { offset, length } = region;
  return { offset, length, sectorLength: layout.table.sectorLength, clock: clock ?? "own" };
}

/** Contents that are being edited at the same time, in bytes: memory must not grow with the number of variants. */
const bytesUnderWay = 32 << 20;

interface Tools {
  readonly editor: RegionEditor;
  readonly gate: WeightGate;
}

/**
 * Makes every variant's edits on an overlay of the region, in threads, and keeps what differs as patches.
 * A patch that an earlier run kept is taken as it is.
 * @throws SpecError; BootfsError and others with the place in the spec of the edit that failed.
 */
export async function renderPatches(request: PatchRequest): Promise<PatchedVariant[]> {
  const editor = openEditor();
  const gate = weightGate(bytesUnderWay);
  const patched: PatchedVariant[] = [];
  const rendering = mapInOrder(request.plans, 4, async (plan) => {
    return await renderOne(request, plan, { editor, gate });
  });
  try {
    for await (const one of rendering) {
      request.signal.throwIfAborted();
      request.onPatched?.(one);
      patched.push(one);
    }
  } finally {
    await editor.close();
  }
  request.base.file?.assertUnchanged();
  return patched;
}

async function renderOne(request: PatchRequest, plan: VariantPlan, tools: Tools): Promise<PatchedVariant> {
  const { spec, base, clock } = request;
  const rendered = await renderVariant(spec, plan);
  const patchKey = identityOf({
    program: generator,
    content: rendered.contentIdentity,
    // What is no file of its own is for a store that keeps nothing.
    fingerprint: base.file?.fingerprint ?? null,
    place: placeOf(base, clock),
  });
  const { contentIdentity, edits } = rendered;
  return await tools.gate(weightOf(edits), async () => {
    const { patch, reports } = await findOrMakePatch(request, rendered, patchKey, tools.editor);
    const extents = patch.map(({ offset, bytes }) => ({ offset, length: bytes.length }));
    return { plan, contentIdentity, patchKey, extents, reports };
  });
}

/** The bytes that edits bring along. */
function weightOf(edits: readonly Edit[]): number {
  return edits.reduce((sum, edit) => {
    if (edit.verb === "write" || edit.verb === "fill") return sum + edit.content.length;
    if (edit.verb !== "copy-in") return sum;
    return edit.entries.reduce((all, entry) => all + (entry.kind === "file" ? entry.content.length : 0), sum);
  }, 0);
}

async function findOrMakePatch(
  request: PatchRequest,
  rendered: RenderedVariant,
  key: string,
  editor: RegionEditor,
): Promise<KeptPatch> {
  const known = request.store.find(key);
  if (known !== undefined) return known;
  const kept = await makePatch(request, rendered, editor);
  await request.store.keep(key, kept);
  return kept;
}

async function makePatch(
  { base, clock }: PatchRequest,
  rendered: RenderedVariant,
  editor: RegionEditor,
): Promise<KeptPatch> {
  const { raw, region, layout } = base;
  try {
    const { patch, reports } = await editor.edit({
      source: raw,
      region: { offset: region.offset, length: region.length },
      sectorLength: layout.table.sectorLength,
      edits: rendered.edits,
      ...(clock === undefined ? {} : { clock }),
    });
    return { patch, reports };
  } catch (error) {
    throw placedFault(error, rendered);
  }
}

/** Everything that some variant changes, in whole blocks: what has to be stored. */
export function touchedExtents(patched: readonly PatchedVariant[], imageLength: number): Extent[] {
  return alignExtents(
    patched.flatMap(({ extents }) => extents),
    4096,
    imageLength,
  );
}

export function changedBytes({ extents }: PatchedVariant): number {
  return totalLength(extents);
}
