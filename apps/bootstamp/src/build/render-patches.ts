import type { FileSource } from "@bootstamp/byte-source";
import { openEditor, type Edit, type EditReport, type RegionEditor } from "@bootstamp/bootfs";
import { Fault } from "@bootstamp/fault";
import { alignExtents, totalLength, type Extent } from "@bootstamp/segment-map";
import { mapInOrder } from "@bootstamp/threads";
import {
  formatPosition,
  renderVariant,
  type RenderedVariant,
  type Spec,
  type VariantPlan,
} from "@bootstamp/variants";
import type { BaseImage } from "./base-image.ts";
import { identityOf } from "./identity.ts";
import { findPatch, keepPatch, type KeptPatch } from "./patch-file.ts";

/** A variant whose edits have been made on an overlay; its patch waits in a file. */
export interface PatchedVariant {
  readonly plan: VariantPlan;
  readonly contentIdentity: string;
  readonly patchPath: string;
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
  /** Where the patch of a key is kept. */
  readonly patchPath: (key: string) => string;
  readonly onPatched?: (patched: PatchedVariant) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes every variant's edits on an overlay of the region, in threads, and keeps what differs as patches.
 * A patch that an earlier run kept is taken as it is.
 * @throws SpecError; BootfsError and others with the place in the spec of the edit that failed.
 */
export async function renderPatches(request: PatchRequest): Promise<PatchedVariant[]> {
  const editor = openEditor();
  const patched: PatchedVariant[] = [];
  try {
    for await (const one of mapInOrder(
      request.plans,
      4,
      async (plan) => await renderOne(request, plan, editor),
    )) {
      request.signal.throwIfAborted();
      request.onPatched?.(one);
      patched.push(one);
    }
  } finally {
    await editor.close();
  }
  request.base.file.assertUnchanged();
  return patched;
}

async function renderOne(
  request: PatchRequest,
  plan: VariantPlan,
  editor: RegionEditor,
): Promise<PatchedVariant> {
  const { spec, base, clock, patchPath } = request;
  const rendered = await renderVariant(spec, plan);
  const { offset, length } = base.region;
  const { fingerprint } = base.file;
  const key = identityOf({
    content: rendered.contentIdentity,
    fingerprint,
    offset,
    length,
    clock: clock ?? "own",
  });
  const path = patchPath(key);
  let kept = findPatch<readonly EditReport[]>(path);
  if (kept === undefined) {
    kept = await makePatch(request, rendered, editor);
    await keepPatch(path, kept);
  }
  return {
    plan,
    contentIdentity: rendered.contentIdentity,
    patchPath: path,
    extents: kept.patch.map((run) => ({ offset: run.offset, length: run.bytes.length })),
    reports: kept.report,
  };
}

async function makePatch(
  request: PatchRequest,
  rendered: RenderedVariant,
  editor: RegionEditor,
): Promise<KeptPatch<readonly EditReport[]>> {
  const { base, clock } = request;
  try {
    const { patch, reports } = await editEdits(editor, base.file, base, rendered.edits, clock);
    return { patch, report: reports };
  } catch (error) {
    throw placed(error, rendered);
  }
}

async function editEdits(
  editor: RegionEditor,
  source: FileSource,
  base: BaseImage,
  edits: readonly Edit[],
  clock: number | undefined,
) {
  const { region, layout } = base;
  return await editor.edit({
    source,
    region: { offset: region.offset, length: region.length },
    sectorLength: layout.table.sectorLength,
    edits,
    ...(clock === undefined ? {} : { clock }),
  });
}

/** Puts the place of the edit that failed before the message: `spec.yaml:12:9: variant "aws": ...`. */
function placed(error: unknown, { name, notes }: RenderedVariant): unknown {
  if (!(error instanceof Fault)) return error;
  const index = error.fields["edit"];
  const position = typeof index === "number" ? notes[index]?.position : undefined;
  const place = position === undefined ? "" : `${formatPosition(position)}: `;
  return new Fault(error.code, `${place}variant ${JSON.stringify(name)}: ${error.message}`, error.fields, {
    cause: error,
  });
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
