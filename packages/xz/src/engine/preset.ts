// xz's presets: what `-0` to `-9` and `-e` stand for. xz(1), "Compression preset levels" and "--lzma2".

/** How hard LZMA2 is to try. */
export interface Preset {
  /** 0 to 9. */
  readonly level: number;
  readonly extreme: boolean;
}

export const highestLevel = 9;
export const defaultLevel = 6;

const mebibyte = 2 ** 20;
const dictionaryLengths = [0.25, 1, 2, 4, 4, 8, 8, 16, 32, 64].map((size) => size * mebibyte);

/** The dictionary that a level has, in bytes. */
export function presetDictionary(level: number): number {
  return dictionaryLengths[level] ?? 0;
}

/** xz's match finders: hash chains of 3 or 4 bytes, a binary tree of 4. */
export type MatchFinder = "hc3" | "hc4" | "bt4";

export interface PresetOptions {
  readonly mode: "fast" | "normal";
  readonly matchFinder: MatchFinder;
  /** Length of a match that is taken without a look at others. */
  readonly niceLength: number;
  /** Candidates that are looked at; 0 leaves it to the match finder. */
  readonly depth: number;
}

/** The preset's options, the dictionary apart. */
export function presetOptions({ level, extreme }: Preset): PresetOptions {
  const slow = { mode: "normal", matchFinder: "bt4" } as const;
  if (extreme) {
    return level === 3 || level === 5
      ? { ...slow, niceLength: 192, depth: 0 }
      : { ...slow, niceLength: 273, depth: 512 };
  }
  if (level > 3) return { ...slow, niceLength: [16, 32][level - 4] ?? 64, depth: 0 };
  return {
    mode: "fast",
    matchFinder: level === 0 ? "hc3" : "hc4",
    niceLength: level < 2 ? 128 : 273,
    depth: [4, 8, 24, 48][level] ?? 0,
  };
}
