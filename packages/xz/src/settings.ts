import { type EncodeChoice, type EncodeSettings, MapError } from "@bootstamp/segment-map";
import type { Check } from "./container/check.ts";
import { checkNamed, checkNames } from "./container/checks.ts";
import type { Engine } from "./engine/engine.ts";
import { lzmaNativeEngine } from "./engine/lzma-native-engine.ts";
import { defaultLevel, highestLevel, type Preset } from "./engine/preset.ts";
import { xzEngine } from "./engine/xz-engine.ts";

/** The first is the default: of those that need no installation the best. */
const engines: readonly Engine[] = [lzmaNativeEngine, xzEngine];

const mebibyte = 2 ** 20;
/** The loss against one block for all is under 1 %, and a reader at random holds eight of them at ease. */
const defaultSegmentLength = 16 * mebibyte;
export const longestSegment: number = 64 * mebibyte;
const defaultCheck = "crc64";

/** See {@link StreamFormat.settle}. Levels are xz's presets. */
export function settle(choice: EncodeChoice): EncodeSettings {
  const { level = defaultLevel, extreme = false, segmentLength = defaultSegmentLength } = choice;
  const engine = engineNamed(choice.engine ?? lzmaNativeEngine.name);
  const { name: check } = checkOf(choice);
  if (!checkNames.includes(check)) throw wrongSetting(`no check "${check}"`);
  if (!Number.isInteger(level) || level < 0 || level > highestLevel) throw wrongSetting(`no level ${level}`);
  if (segmentLength % mebibyte !== 0 || segmentLength < mebibyte || segmentLength > longestSegment) {
    throw wrongSetting(`no segments of ${segmentLength} bytes`);
  }
  const settings = {
    engine: engine.name,
    engineVersion: engine.version(),
    level,
    check,
    segmentLength,
  };
  return extreme ? { ...settings, extreme } : settings;
}

/** The settled engine. @throws MapError `MAP_SETTING` if this program or system has another version of it. */
export function engineOf({ engine: name, engineVersion }: EncodeSettings): Engine {
  const engine = engineNamed(name);
  const version = engine.version();
  if (version === engineVersion) return engine;
  throw wrongSetting(`engine ${name} is here in version ${version}, not ${engineVersion}`);
}

export function presetOf({ level, extreme = false }: EncodeSettings): Preset {
  return { level, extreme };
}

/** Also the check that only files of other programs have, none, where they get new blocks. */
export function checkOf({ check: name = defaultCheck }: EncodeChoice): Check {
  const check = checkNamed(name);
  if (check === undefined) throw wrongSetting(`no check "${name}"`);
  return check;
}

export function segmentLengthOf({ segmentLength = defaultSegmentLength }: EncodeSettings): number {
  return segmentLength;
}

function engineNamed(name: string): Engine {
  const engine = engines.find((each) => each.name === name);
  if (engine === undefined) throw wrongSetting(`no engine "${name}"`);
  return engine;
}

function wrongSetting(what: string): MapError {
  const names = engines.map(({ name }) => name);
  const known = [
    `engines ${names.join(", ")} (default ${lzmaNativeEngine.name})`,
    `levels 0 to ${highestLevel} (default ${defaultLevel}), also extreme`,
    `checks ${checkNames.join(", ")} (default ${defaultCheck})`,
    `segments of 1 to 64 MiB (default 16 MiB)`,
  ];
  return new MapError("MAP_SETTING", `${what} for xz: there are ${known.join("; ")}`, { known });
}
