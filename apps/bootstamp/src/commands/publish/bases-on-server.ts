import type { ByteSource } from "@bootstamp/byte-source";
import { unpackedSource, type UnpackedSource } from "@bootstamp/press";
import { findBase, objectSource, parseObjectUrl, type FoundBase } from "@bootstamp/publish";
import { storedExtents, totalLength, type SegmentMap, type StreamFormat } from "@bootstamp/segment-map";
import { stampableIdentity } from "@bootstamp/stamp";
import type { Spec } from "@bootstamp/variants";
import { aboutFile } from "../../about-file.ts";
import { ProgramError } from "../../program-error.ts";
import { formats } from "../../formats.ts";
import { formatOfFile } from "../../container-content.ts";
import type { PublishSite } from "./publish-site.ts";

/** A stampable image that is on the server and nowhere else. */
export interface ServerBase {
  /** `s3://BUCKET/KEY`. */
  readonly name: string;
  readonly found: FoundBase;
  readonly format: StreamFormat;
  readonly map: SegmentMap;
  /** Read by ranges, as far as is needed. */
  readonly packed: ByteSource;
  readonly raw: UnpackedSource;
  /** That of a build's record, where a build's was uploaded. */
  readonly identity: string;
}

/** What is kept of an object: the windows that variants change are read again for each. */
const keptLength = 48 << 20;

/**
 * Opens the stampable images of which variants are composed: one for each format of the spec, all of one base.
 * @throws ProgramError `USAGE_ARGUMENT`, `USAGE_NOT_AN_IMAGE`; MapError; PublishError.
 */
export async function openServerBases(
  { store, target, signal }: PublishSite,
  { output, file }: Spec,
): Promise<readonly ServerBase[]> {
  const opened = new Map<string, ServerBase>();
  for (const name of target.bases) {
    const found = await findBase(store, parseObjectUrl(name), signal);
    const packed = objectSource(store, found.pinned, {
      keptLength: Math.floor(keptLength / target.bases.length),
      signal,
    });
    const base = await aboutFile(name, async () => await openBase(name, found, packed));
    const other = opened.get(base.format.name);
    if (other !== undefined)
      throw new ProgramError(
        "USAGE_ARGUMENT",
        `${name} and ${other.name} are both of the format ${base.format.name}`,
      );
    opened.set(base.format.name, base);
  }
  const bases = output.formats.map((name) => {
    const base = opened.get(name);
    if (base !== undefined) return base;
    throw new ProgramError(
      "USAGE_ARGUMENT",
      `${file} makes ${name}, and no base on the server is of that format`,
    );
  });
  refuseOthers(bases);
  return bases;
}

async function openBase(name: string, found: FoundBase, packed: ByteSource): Promise<ServerBase> {
  const format = await formatOfFile(packed);
  if (format === undefined) {
    const known = formats.map(({ extension }) => extension).join(", ");
    throw new ProgramError("USAGE_NOT_AN_IMAGE", `${name} is not a stampable image: it is no ${known} file`, {
      path: name,
    });
  }
  const map = await format.readMap(packed);
  const raw = unpackedSource(format, map, packed);
  return { name, found, format, map, packed, raw, identity: found.identity ?? stampableIdentity(map) };
}

/** Edits are made once for all formats. */
function refuseOthers([first, ...others]: readonly ServerBase[]): void {
  if (first === undefined) return;
  const other = others.find(({ map }) => {
    const { rawLength, base } = first.map;
    const isKnown = base !== undefined && map.base !== undefined;
    return map.rawLength !== rawLength || (isKnown && map.base.rawCrc32 !== base.rawCrc32);
  });
  if (other === undefined) return;
  throw new ProgramError("USAGE_ARGUMENT", `${first.name} and ${other.name} are not of one base image`);
}

/** Bytes of an image that variants may change. */
export function storedBytes({ map }: ServerBase): number {
  return totalLength(storedExtents(map));
}
