import { MapError } from "./map-error.ts";
import type { EncodeChoice, EncodeSettings } from "./stream-format.ts";

/** As a map keeps it and people read it: `libdeflate 0.1.0 level 5`. */
export function describeEngine({ engine, engineVersion, level }: EncodeSettings): string {
  return `${engine} ${engineVersion} level ${level}`;
}

const description = /^(\S+) .+ level (\d{1,2})$/;

/**
 * The settings of a format for the engine and level of a description: its defaults where that says none, or one that
 * the format does not have, as in a file from a program with others.
 *
 * @param settle the format's settings for a choice; it throws MapError `MAP_SETTING` for one that it does not have.
 */
export function settingsOfEngine(
  text: string | undefined,
  settle: (choice: EncodeChoice) => EncodeSettings,
): EncodeSettings {
  try {
    return settle(choiceOfEngine(text) ?? {});
  } catch (error) {
    if (error instanceof MapError && error.code === "MAP_SETTING") return settle({});
    throw error;
  }
}

/** Engine and level of what {@link describeEngine} made; undefined for any other text. */
function choiceOfEngine(text: string | undefined): Pick<EncodeChoice, "engine" | "level"> | undefined {
  const [, engine, level] = description.exec(text ?? "") ?? [];
  return engine === undefined ? undefined : { engine, level: Number(level) };
}
