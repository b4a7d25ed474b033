import { type EncodeChoice, type EncodeSettings, MapError } from "@bootstamp/segment-map";

/** The zstd inside Node, its only engine. */
export const engineName = "zstd";
export const engineVersion: string = process.versions.zstd ?? "none";
const defaultLevel = 3;
const highestLevel = 22;

const mebibyte: number = 1 << 20;
const longestSegment: number = 16 * mebibyte;
/** From here on zstd looks so far back that 4 MiB make its files more than 2 % larger. */
const farLevel = 13;

/** What other formats let a user choose. */
const otherChoices = ["extreme", "check"] as const;

/** See {@link StreamFormat.settle}. Levels are zstd's own, those included that its command calls ultra. */
export function settle(choice: EncodeChoice): EncodeSettings {
  const other = otherChoices.find((name) => choice[name] !== undefined);
  if (other !== undefined) throw wrongSetting(`no choice of "${other}"`);
  const { engine = engineName, level = defaultLevel } = choice;
  if (engine !== engineName) throw wrongSetting(`no engine "${engine}"`);
  if (!Number.isInteger(level) || level < 1 || level > highestLevel) throw wrongSetting(`no level ${level}`);
  const { segmentLength = defaultSegmentLength(level) } = choice;
  if (segmentLength % mebibyte !== 0 || segmentLength < mebibyte || segmentLength > longestSegment) {
    throw wrongSetting(`no segments of ${segmentLength} bytes`);
  }
  return { engine, engineVersion, level, segmentLength };
}

/** Throws `MAP_SETTING` unless the settings are for the engine that is here. */
export function checkSettings({ engine, engineVersion: version, level }: EncodeSettings): void {
  settle({ engine, level });
  if (version === engineVersion) return;
  throw wrongSetting(`engine ${engine} is here in version ${engineVersion}, not ${version}:`);
}

/** Raw bytes of a compressed segment, but for the last one of a run. */
export function segmentLengthOf({
  level,
  segmentLength = defaultSegmentLength(level),
}: EncodeSettings): number {
  return segmentLength;
}

/**
 * No larger than zstd's own files of several threads by 2 %, and else as short as may be: readers decode a segment
 * whole.
 */
function defaultSegmentLength(level: number): number {
  return (level < farLevel ? 4 : 8) * mebibyte;
}

function wrongSetting(what: string): MapError {
  const known = [
    `engine ${engineName}`,
    `levels 1 to ${highestLevel} (default ${defaultLevel})`,
    `segments of 1 to 16 MiB (default 4, from level ${farLevel} on 8)`,
  ];
  return new MapError("MAP_SETTING", `${what} for zst: there are ${known.join("; ")}`, { known });
}
