import type { StreamFormat } from "@bootstamp/segment-map";
import { defaultKnownNames } from "@bootstamp/variants";
import { expect, test } from "vitest";
import { formatNamed, formats } from "../src/formats.ts";

test("what a spec may name is what the formats have", () => {
  expect(defaultKnownNames.formats.map(({ name }) => name)).toEqual(formats.map(({ name }) => name));
  const refusesExtreme: StreamFormat[] = [];
  for (const { name, engines, levels, checks, extreme } of defaultKnownNames.formats) {
    const format = formatNamed(name);
    expect(format.settle({}).engine).toBe(engines[0]);
    for (const engine of engines) expect(format.settle({ engine }).engine).toBe(engine);
    for (const check of checks ?? []) expect(format.settle({ check }).check).toBe(check);
    const wrong = { code: "MAP_SETTING" };
    expect(() => format.settle({ level: levels.lowest - 1 })).toThrow(expect.objectContaining(wrong));
    // Engines have levels of their own: the highest is that of the one that has most.
    expect(engines.filter((engine) => takes(format, engine, levels.highest))).not.toEqual([]);
    expect(engines.filter((engine) => takes(format, engine, levels.highest + 1))).toEqual([]);
    if (extreme !== true) refusesExtreme.push(format);
  }
  for (const format of refusesExtreme) {
    expect(() => format.settle({ extreme: true })).toThrow(expect.objectContaining({ code: "MAP_SETTING" }));
  }
});

function takes(format: StreamFormat, engine: string, level: number): boolean {
  try {
    return format.settle({ engine, level }).level === level;
  } catch {
    return false;
  }
}
