import { MapError } from "@bootstamp/segment-map";
import type { Parts } from "../parts.ts";
import type { Engine } from "./engine.ts";
import { loadLzmaNative, type LzmaNative } from "./lzma-native-module.ts";
import { presetOptions, type MatchFinder, type Preset } from "./preset.ts";

const name = "lzma-native";
/** The coder copies what it is given, and holds it until it is coded. */
const inputLength = 1 << 20;
const outputLength = 1 << 20;

/** liblzma in this process, from the builds that lzma-native brings. Needs no installation. */
export const lzmaNativeEngine: Engine = {
  name,
  version: () => {
    const library = load();
    return `${library.version} with liblzma ${library.versionString()}`;
  },
  open: (preset) => {
    const library = load();
    return (raw, dictionaryLength) => encode(library, raw, filterOf(library, preset, dictionaryLength));
  },
};

function load(): LzmaNative {
  try {
    return loadLzmaNative();
  } catch (error) {
    throw new MapError(
      "MAP_SETTING",
      `engine ${name} has no build for this system (${process.platform}, ${process.arch}): take engine xz`,
      { engine: name },
      { cause: error },
    );
  }
}

/** Each option by itself: a `preset` among them would bring its own dictionary, whatever `dictSize` says. */
function filterOf(library: LzmaNative, preset: Preset, dictSize: number): object {
  const { mode, matchFinder, niceLength: niceLen, depth } = presetOptions(preset);
  const finders: Record<MatchFinder, number> = {
    hc3: library.MF_HC3,
    hc4: library.MF_HC4,
    bt4: library.MF_BT4,
  };
  const options = {
    dictSize,
    lc: 3,
    lp: 0,
    pb: 2,
    mode: mode === "fast" ? library.MODE_FAST : library.MODE_NORMAL,
    mf: finders[matchFinder],
    niceLen,
    depth,
  };
  return { id: "LZMA_FILTER_LZMA2", options };
}

function encode(library: LzmaNative, raw: Uint8Array, filter: object): Parts {
  const coder = new library.Stream();
  const parts: Uint8Array[] = [];
  const errors: Error[] = [];
  coder.bufferHandler = (bytes, _processed, error) => {
    if (bytes instanceof Uint8Array) parts.push(bytes);
    if (error instanceof Error) errors.push(error);
  };
  try {
    coder.rawEncoder({ filters: [filter] });
    coder.setBufsize(outputLength);
    for (let offset = 0; offset < raw.length; offset += inputLength) {
      coder.code(raw.subarray(offset, offset + inputLength), false);
    }
    coder.code(null, false);
  } catch (error) {
    errors.push(error instanceof Error ? error : new Error(String(error)));
  } finally {
    coder.resetUnderlying();
  }
  const [cause] = errors;
  if (cause === undefined) return parts;
  throw new MapError("MAP_ENGINE", `engine ${name} failed: ${cause.message}`, { engine: name }, { cause });
}
