// One variant as artifacts that are composed of stampable images on the server.
import type { EditReport, RegionEditor } from "@bootstamp/bootfs";
import { overwrittenSource, type ByteSource, type Patch, type RecentCache } from "@bootstamp/byte-source";
import { spansOfOverwrites, type ArtifactRequest } from "@bootstamp/publish";
import type { PackedWrite } from "@bootstamp/segment-map";
import { overwrittenCrc32, overwrittenCrc64nvme } from "@bootstamp/stamp";
import {
  renderVariant,
  variantIdentity,
  type RenderedVariant,
  type Spec,
  type VariantPlan,
} from "@bootstamp/variants";
import { aboutFile } from "../../about-file.ts";
import type { BaseImage } from "../../build/base-image.ts";
import { identityOf } from "../../build/identity.ts";
import { base64OfCrc64, type ArtifactRecord } from "../../build/manifest.ts";
import type { PatchStore } from "../../build/patch-store.ts";
import { placedFault } from "../../build/placed-fault.ts";
import { placeOf } from "../../build/render-patches.ts";
import type { ServerBase } from "./bases-on-server.ts";
import type { PublishSite } from "./publish-site.ts";
import { crcText } from "@bootstamp/crc";

export interface ComposeOptions {
  readonly spec: Spec;
  /** Seconds since 1970 that edited files are dated with; absent: what the file system itself says. */
  readonly clock: number | undefined;
  /** Where patches wait until they are sent. */
  readonly patches: PatchStore;
}

/** Everything that composing variants shares. */
export interface Composer extends ComposeOptions, Pick<BaseImage, "region" | "layout"> {
  readonly site: PublishSite;
  readonly bases: readonly ServerBase[];
  readonly editor: RegionEditor;
  /** What was worked out last, as parts of one artifact are sent one after the other. */
  readonly seals: RecentCache<string, readonly PackedWrite[]>;
}

export interface Composed {
  readonly request: ArtifactRequest;
  readonly record: ArtifactRecord;
}

/** Makes a variant's edits, lets the patch wait, and says what each of its artifacts comes to. */
export async function composeVariant(composer: Composer, plan: VariantPlan): Promise<Composed[]> {
  const { spec, patches } = composer;
  const rendered = await renderVariant(spec, plan);
  const { patch, reports } = await editRegion(composer, rendered);
  // Variants are many, and what they come to may hold secrets: it waits in a private folder.
  const key = identityOf({ variant: plan.name });
  await patches.keep(key, { patch, reports });
  const composed: Composed[] = [];
  for (const base of composer.bases)
    composed.push(
      await composeArtifact(composer, base, { plan, patch, key, content: rendered.contentIdentity }),
    );
  return composed;
}

async function editRegion(
  { bases: [base], editor, region, layout, clock }: Composer,
  rendered: RenderedVariant,
): Promise<{ readonly patch: Patch; readonly reports: readonly EditReport[] }> {
  if (base === undefined) throw new Error("internal error: no base");
  try {
    return await editor.edit({
      source: base.raw,
      region: { offset: region.offset, length: region.length },
      sectorLength: layout.table.sectorLength,
      edits: rendered.edits,
      ...(clock === undefined ? {} : { clock }),
    });
  } catch (error) {
    throw placedFault(error, rendered);
  }
}

interface Variant {
  readonly plan: VariantPlan;
  readonly patch: Patch;
  /** Of the patch, where patches wait. */
  readonly key: string;
  readonly content: string;
}

async function composeArtifact(
  composer: Composer,
  base: ServerBase,
  { plan, patch, key, content }: Variant,
): Promise<Composed> {
  const { site, clock } = composer;
  const { settings, overwrite } = site.target;
  const { format, map, packed, found, identity: stampable } = base;
  const file = plan.outputs.get(format.name);
  if (file === undefined) throw new Error(`internal error: no ${format.name} of ${plan.name}`);
  const { writes, rawCrc32 } = await aboutFile(base.name, async () => await format.seal(map, patch, packed));
  const identity = variantIdentity(content, identityOf({ stampable, place: placeOf(composer, clock) }));
  const { crc64nvme: long, crc32: short } = found;
  const crc64nvme = long === undefined ? undefined : await overwrittenCrc64nvme(long, packed, writes);
  const crc32 = short === undefined ? undefined : await overwrittenCrc32(short, packed, writes);
  const source = stampedSource(composer, base, key);
  const spans = spansOfOverwrites(map.packedLength, writes);
  return {
    request: {
      key: file,
      source,
      identity,
      crc64nvme,
      crc32,
      settings,
      overwrite,
      base: found.pinned,
      spans,
    },
    record: {
      variant: plan.name,
      identity,
      edits: content,
      file,
      format: format.name,
      length: map.packedLength,
      rawLength: map.rawLength,
      ...(rawCrc32 === undefined ? {} : { rawCrc32: crcText(rawCrc32) }),
      ...(crc64nvme === undefined ? {} : { crc64nvme: base64OfCrc64(crc64nvme) }),
    },
  };
}

/** The artifact's bytes; its patch is taken from where it waits only when some are read. */
function stampedSource({ patches, seals }: Composer, base: ServerBase, key: string): ByteSource {
  const { format, map, packed } = base;
  const seal = async (): Promise<readonly PackedWrite[]> => {
    const kept = patches.find(key);
    if (kept === undefined) throw new Error("internal error: a patch is gone");
    return (await format.seal(map, kept.patch, packed)).writes;
  };
  return {
    length: map.packedLength,
    read: async (offset, length) => {
      const writes = await seals.get(`${format.name} ${key}`, seal);
      return await overwrittenSource(packed, writes).read(offset, length);
    },
  };
}
