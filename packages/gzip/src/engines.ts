import { type EncodeChoice, type EncodeSettings, MapError } from "@bootstamp/segment-map";
import type { Deflate, Engine } from "./engine.ts";
import { libdeflateEngine } from "./libdeflate-engine.ts";
import { pakoEngine } from "./pako-engine.ts";
import { zlibEngine } from "./zlib-engine.ts";

/** The first is the default. */
const engines: readonly Engine[] = [libdeflateEngine, zlibEngine, pakoEngine];

/** See {@link StreamFormat.settle}. A level is on its engine's own scale. */
export function settle(choice: EncodeChoice): EncodeSettings {
  const name = choice.engine ?? engines[0]?.name;
  const engine = engines.find((each) => each.name === name);
  if (engine === undefined) throw wrongSetting(`no engine "${name}" for gz`);
  const level = choice.level ?? engine.defaultLevel;
  if (!Number.isInteger(level) || level < 1 || level > engine.maxLevel) {
    throw wrongSetting(`no level ${level} of engine ${engine.name} for gz`);
  }
  return { engine: engine.name, engineVersion: engine.version, level };
}

/** Loads the engine that {@link settle} gave. @throws MapError `MAP_SETTING` if this program has another version. */
export async function openEngine(settings: EncodeSettings): Promise<Deflate> {
  const { engineVersion } = settle(settings);
  if (engineVersion !== settings.engineVersion) {
    throw wrongSetting(
      `engine ${settings.engine} is here in version ${engineVersion}, not ${settings.engineVersion}`,
    );
  }
  const engine = engines.find(({ name }) => name === settings.engine);
  if (engine === undefined) throw new Error("internal error: a settled engine is not there");
  return await engine.open(settings.level);
}

/** As the map keeps it and people read it. */
export function describeSettings({ engine, engineVersion, level }: EncodeSettings): string {
  return `${engine} ${engineVersion} level ${level}`;
}

function wrongSetting(what: string): MapError {
  const known = engines.map(
    ({ name, maxLevel, defaultLevel }) => `${name} (levels 1 to ${maxLevel}, default ${defaultLevel})`,
  );
  return new MapError("MAP_SETTING", `${what}: there are ${known.join(", ")}`, { known });
}
