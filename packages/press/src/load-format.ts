import type { StreamFormat } from "@bootstamp/segment-map";

/** Loads the stream format that the module at `url` exports: functions cannot be sent to a thread, a URL can. */
export async function loadFormat(url: string): Promise<StreamFormat> {
  const module: { format: StreamFormat } = await import(url);
  return module.format;
}
