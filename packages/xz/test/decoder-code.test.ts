import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decoderModule } from "../build/compile-decoder.ts";

test("the committed decoder is what its source compiles to", () => {
  const committed = readFileSync(new URL("../src/lzma/decoder-code.ts", import.meta.url), "utf8");
  expect(committed === decoderModule(), "run `npx nx decoder @bootstamp/xz`").toBe(true);
});
