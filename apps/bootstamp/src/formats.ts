import { format as gzip } from "@bootstamp/gzip";
import type { StreamFormat } from "@bootstamp/segment-map";

/** Every stream format there is: the one place that lists them. The first is the default. */
export const formats: readonly StreamFormat[] = [gzip];

/** The names that a spec and the command line may use. */
export const formatNames: readonly string[] = formats.map(({ name }) => name);

/** The format of that name; the spec and the command line only let known names through. */
export function formatNamed(name: string): StreamFormat {
  const format = formats.find((each) => each.name === name);
  if (format === undefined) throw new Error(`internal error: no format ${name}`);
  return format;
}
