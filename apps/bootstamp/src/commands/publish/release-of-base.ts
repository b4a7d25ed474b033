import { openEditor } from "@bootstamp/bootfs";
import { RecentCache } from "@bootstamp/byte-source";
import type { ReleaseRequest } from "@bootstamp/publish";
import { storedExtents, type PackedWrite } from "@bootstamp/segment-map";
import { mapInOrder } from "@bootstamp/threads";
import { expandVariants, type VariantPlan } from "@bootstamp/variants";
import { aboutFile } from "../../about-file.ts";
import { manifestText, type Manifest } from "../../build/manifest.ts";
import { readLayout, regionOf } from "../../open-image.ts";
import { generator } from "../../version.ts";
import { openServerBases, type ServerBase } from "./bases-on-server.ts";
import { composeVariant, type Composed, type ComposeOptions, type Composer } from "./compose-variant.ts";
import type { PublishSite } from "./publish-site.ts";
import { releaseOf } from "./release-of-build.ts";

/** Bytes of writes that are kept. */
const sealsLength = 16 << 20;

/**
 * The variants of a spec as a release that is composed of stampable images on the server. Fetches their maps and what
 * the edits and seals read, by range; of what the variants leave alone, nothing.
 */
export async function releaseOfBase(
  site: PublishSite,
  options: ComposeOptions,
): Promise<{ readonly request: ReleaseRequest; readonly bases: readonly ServerBase[] }> {
  const { spec } = options;
  const plans = expandVariants(spec);
  const bases = await openServerBases(site, spec);
  const [first] = bases;
  if (first === undefined) throw new Error("internal error: a spec without formats");
  const layout = await aboutFile(first.name, async () => await readLayout(first.raw, spec.base.sectorSize));
  const region = regionOf(layout, spec.region);
  const seals = new RecentCache<string, readonly PackedWrite[]>(sealsLength, writtenBytes);
  const editor = openEditor();
  const composer: Composer = { ...options, site, bases, editor, layout, region, seals };
  try {
    const composed: Composed[] = [];
    const compose = async (plan: VariantPlan): Promise<Composed[]> => await composeVariant(composer, plan);
    for await (const some of mapInOrder(plans, 4, compose)) {
      composed.push(...some);
      site.reporter.progress({
        task: "edit",
        done: composed.length,
        total: plans.length * bases.length,
        unit: "variants",
      });
    }
    const manifest = manifestText(manifestOf(composer, composed));
    const artifacts = composed.map(({ request }) => request);
    return { request: { ...releaseOf(site.target, manifest), artifacts }, bases };
  } finally {
    await editor.close();
    await first.raw.close();
  }
}

function writtenBytes(writes: readonly PackedWrite[]): number {
  return writes.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

function manifestOf(
  { bases, region: { number, offset, length } }: Composer,
  composed: readonly Composed[],
): Manifest {
  const [first] = bases;
  if (first === undefined) throw new Error("internal error: no base");
  return {
    manifest: 1,
    generator,
    base: { image: first.name, length: first.map.rawLength, region: { number, offset, length } },
    stampables: bases.map(({ identity, format, map, name }) => ({
      identity,
      format: format.name,
      object: name,
      length: map.packedLength,
      stored: storedExtents(map),
    })),
    artifacts: composed.map(({ record }) => record),
  };
}
