import type { EncodeChoice, StreamFormat } from "@bootstamp/segment-map";
import { describe, expect, test } from "vitest";
import type { ContractOptions } from "./contract-options.ts";

export function describeSettings(format: StreamFormat, { choices }: ContractOptions): void {
  describe("settings", () => {
    test.each([{}, ...choices])("%o is completed, and stays as it is then", (choice) => {
      const settings = format.settle(choice);
      expect(settings.engineVersion).not.toBe("");
      expect(settings).toMatchObject(choice);
      const { engineVersion: _version, ...complete } = settings;
      expect(format.settle(complete)).toEqual(settings);
    });

    const wrong: readonly EncodeChoice[] = [
      { engine: "no such engine" },
      { engine: "" },
      ...[-1, 1.5, 1000, Number.NaN, Number.POSITIVE_INFINITY].map((level) => ({ level })),
    ];
    test.each(wrong)("%o is refused, and the message says what there is", (choice) => {
      expect(() => format.settle(choice)).toThrow(expect.objectContaining({ code: "MAP_SETTING" }));
      for (const { engine = "" } of choices) expect(() => format.settle(choice)).toThrow(engine);
    });

    test("an encoder of another version than the settings' is refused", async () => {
      const settings = { ...format.settle({}), engineVersion: "0.0.0-other" };
      await expect(format.createEncoder(settings)).rejects.toMatchObject({ code: "MAP_SETTING" });
    });

    test("the module at moduleUrl exports the format", async () => {
      const module: unknown = await import(format.moduleUrl);
      expect(module).toHaveProperty("format", format);
    });
  });
}
