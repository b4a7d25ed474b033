import { type EncodeChoice, type EncodeSettings, engineFault, MapError } from "@bootstamp/segment-map";
import { bootstampEngine } from "./bootstamp-engine.ts";
import type { Deflate, Engine } from "./engine.ts";
import { libdeflateEngine } from "./libdeflate-engine.ts";
import { pakoEngine } from "./pako-engine.ts";
import { zlibEngine } from "./zlib-engine.ts";

/** The first is the default. */
const engines: readonly Engine[] = [bootstampEngine, libdeflateEngine, zlibEngine, pakoEngine];

/** What other formats let a user choose. */
const otherChoices = ["extreme", "check", "segmentLength"] as const;

/** See {@link StreamFormat.settle}. A level is on its engine's own scale. */
export function settle(choice: EncodeChoice): EncodeSettings {
  const other = otherChoices.find((name) => choice[name] !== undefined);
  if (other !== undefined) throw wrongSetting(`no choice of "${other}" for gz, only of engine and level`);
  const name = choice.engine ?? engines[0]?.name;
  const engine = engines.find((each) => each.name === name);
  if (engine === undefined) throw wrongSetting(`no engine "${name}" for gz`);
  const level = choice.level ?? engine.defaultLevel;
  if (!Number.isInteger(level) || level < 1 || level > engine.maxLevel) {
    throw wrongSetting(`no level ${level} of engine ${engine.name} for gz`);
  }
  return { engine: engine.name, engineVersion: engine.version, level };
}

/**
 * Loads the engine that {@link settle} gave.
 * @throws MapError `MAP_SETTING` if it is another version; its use `MAP_ENGINE`.
 */
export async function openEngine(settings: EncodeSettings): Promise<Deflate> {
  const { engineVersion } = settle(settings);
  if (engineVersion !== settings.engineVersion) {
    throw wrongSetting(
      `engine ${settings.engine} is here in version ${engineVersion}, not ${settings.engineVersion}`,
    );
  }
  const engine = engines.find(({ name }) => name === settings.engine);
  if (engine === undefined) throw new Error("internal error: a settled engine is not there");
  const deflate = await engine.open(settings.level);
  return (raw) => {
    try {
      return deflate(raw);
    } catch (error) {
      throw engineFault(engine.name, raw.length, error);
    }
  };
}

function wrongSetting(what: string): MapError {
  const known = engines.map(
    ({ name, maxLevel, defaultLevel }) => `${name} (levels 1 to ${maxLevel}, default ${defaultLevel})`,
  );
  return new MapError("MAP_SETTING", `${what}: there are ${known.join(", ")}`, { known });
}
