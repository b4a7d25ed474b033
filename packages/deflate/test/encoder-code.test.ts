import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encoderModule } from "../build/compile-encoder.ts";

test("the committed encoder is what its source compiles to", () => {
  const committed = readFileSync(new URL("../src/encoder-code.ts", import.meta.url), "utf8");
  expect(committed === encoderModule(), "run `npx nx encoder @bootstamp/deflate`").toBe(true);
});
