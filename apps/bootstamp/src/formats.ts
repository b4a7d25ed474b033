import { format as gzip } from "@bootstamp/gzip";
import type { StreamFormat } from "@bootstamp/segment-map";
import { format as xz } from "@bootstamp/xz";
import { format as zstd } from "@bootstamp/zstd";

/** Every stream format there is: the one place that lists them. The first is the default. */
export const formats: readonly StreamFormat[] = [gzip, xz, zstd];

/** What varies is best aligned to the largest block that any format stores. */
export const largestStoredBlock: number = Math.max(...formats.map((format) => format.storedBlockLength));

/** The format of that name; the spec and the command line only let known names through. */
export function formatNamed(name: string): StreamFormat {
  const format = formats.find((each) => each.name === name);
  if (format === undefined) throw new Error(`internal error: no format ${name}`);
  return format;
}
