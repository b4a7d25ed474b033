import type { RegionChoice } from "@bootstamp/layout";

/** What a new image is to have other than an old one. */
export interface RelayoutChoices {
  /** The partition that variants change. */
  readonly partition: RegionChoice;
  /** Whether it is put behind all others. */
  readonly last?: boolean;
  /** How long it is to be; as long as it is, if left out. */
  readonly shrink?: Shrink;
  /** What the places of partitions that move, and lengths that are not given in bytes, are multiples of; default 1 MiB. */
  readonly alignment?: number;
  /** Bytes of the new image; default: as few as its partitions need. */
  readonly diskLength?: number;
  /** A FAT that is shrunk is made anew from its files: it gets other clusters, and loses code in its boot sector. */
  readonly remakeFat?: boolean;
  /** Boot loaders that would not find what they read are named in the notes, instead of a refusal. */
  readonly ignoreBootLoaders?: boolean;
  /** Seconds since 1970, of what is made anew; default: when the file system to be shrunk was last written to. */
  readonly clock?: number;
}

/** To so many bytes, or to what is in use and some: the least that `resize2fs` can do, and the reserve. */
export type Shrink = { readonly length: number } | { readonly reserve: number };
