import { type EncodeChoice, type EncodeSettings, MapError, settingsOfEngine } from "@bootstamp/segment-map";
import { expect, test } from "vitest";

const highest = 12;

function settle({ engine = "own", level = 6 }: EncodeChoice): EncodeSettings {
  if (level > highest) throw new MapError("MAP_SETTING", `no level ${level}`);
  return { engine, engineVersion: "1", level };
}

test("an engine's description gives the settings that it was made of", () => {
  expect(settingsOfEngine("libdeflate 0.1.0 level 12", settle)).toMatchObject({
    engine: "libdeflate",
    level: 12,
  });
});

test("what describes no engine, or one that is not here, gives the defaults", () => {
  for (const text of [undefined, "", "zlib", "zlib 1.3 level x", "libdeflate 0.1.0 level 13"])
    expect(settingsOfEngine(text, settle)).toMatchObject({ engine: "own", level: 6 });
});

test("any other error is passed on", () => {
  const fault = new MapError("MAP_ENGINE", "broken");
  const broken = (): never => {
    throw fault;
  };
  expect(() => settingsOfEngine(undefined, broken)).toThrow(fault);
});
