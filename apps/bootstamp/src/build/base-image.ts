import { FileSource, type ByteSource } from "@bootstamp/byte-source";
import type { Partition, RegionChoice } from "@bootstamp/layout";
import { aboutFile } from "../about-file.ts";
import { readLayout, regionOf, type ReadLayout } from "../open-image.ts";
import type { OpenContext } from "../open-container.ts";
import { openReadable } from "../open-readable.ts";

/** What a spec or the command line says of the base. */
export interface BaseChoice {
  /** Of any kind: a path or a URL. */
  readonly image: string;
  readonly region: RegionChoice | undefined;
  readonly sectorLength?: 512 | 4096;
}

/** A base that is open, with the region chosen in it. */
export interface BaseImage {
  /** For messages: the path, or the URL without what is secret in it. */
  readonly name: string;
  readonly raw: ByteSource;
  /** The file whose bytes are the raw ones; absent where they are inside another. */
  readonly file: FileSource | undefined;
  readonly layout: ReadLayout;
  readonly region: Partition;
  close(): Promise<void>;
}

/** A base that is a raw file. */
export interface RawBase extends BaseImage {
  readonly file: FileSource;
}

/** Opens a base of any kind and chooses its region. The caller closes it. */
export async function openBase(choice: BaseChoice, context: OpenContext): Promise<BaseImage> {
  const image = await openReadable(choice.image, context);
  const { name, raw } = image;
  const file = raw instanceof FileSource ? raw : undefined;
  return await withRegion({ name, raw, file, close: async () => await image.close() }, choice);
}

/** Opens the raw file at `path`, which people know by `name`, and chooses its region. The caller closes it. */
export async function openRawBase(path: string, name: string, choice: BaseChoice): Promise<RawBase> {
  const file = FileSource.open(path);
  return await withRegion({ name, raw: file, file, close: async () => file.close() }, choice);
}

type Opened = Omit<BaseImage, "layout" | "region">;

async function withRegion<Base extends Opened>(
  base: Base,
  { region, sectorLength }: BaseChoice,
): Promise<Base & Pick<BaseImage, "layout" | "region">> {
  try {
    return await aboutFile(base.name, async () => {
      const layout = await readLayout(base.raw, sectorLength);
      return { ...base, layout, region: regionOf(layout, region) };
    });
  } catch (error) {
    await base.close();
    throw error;
  }
}
