import { run } from "@bootstamp/witnesses";

/** What `xz -lvv` shows of a block. */
export interface XzBlock {
  readonly rawOffset: number;
  readonly rawLength: number;
  /** With header, padding and check. */
  readonly totalLength: number;
  readonly check: string;
  /** `c` and `u` for the compressed and the uncompressed size in the block's header. */
  readonly sizes: string;
  /** The LZMA2 data alone. */
  readonly dataLength: number;
  readonly filters: string;
}

export interface XzListing {
  readonly streams: number;
  readonly padding: number;
  readonly blocks: readonly XzBlock[];
}

/** Lists a file as xz sees it. The columns are those of the manual page, under ROBOT MODE. */
export async function listXz(path: string): Promise<XzListing> {
  const printed = await run("xz", ["--robot", "-lvv", path]);
  const rows = printed.split("\n").map((line) => line.split("\t"));
  const file = rows.find(([kind]) => kind === "file") ?? [];
  const blocks = rows.filter(([kind]) => kind === "block").map((columns) => blockOf(columns));
  return { streams: Number(file[1]), padding: Number(file[7]), blocks };
}

function blockOf(columns: readonly string[]): XzBlock {
  const [rawOffset, totalLength, rawLength, , check = ""] = columns.slice(5);
  const [, , sizes = "", dataLength, , filters = ""] = columns.slice(10);
  return {
    rawOffset: Number(rawOffset),
    rawLength: Number(rawLength),
    totalLength: Number(totalLength),
    check,
    sizes,
    dataLength: Number(dataLength),
    filters,
  };
}
