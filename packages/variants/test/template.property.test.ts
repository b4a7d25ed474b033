import fc from "fast-check";
import { SpecError } from "@bootstamp/variants";
import { expect, test } from "vitest";
import { complaints, contentOf, head } from "./scratch.ts";

const anyText = fc.string({ unit: "grapheme", maxLength: 40 });

test("text without an opening comes out as it went in", async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const plain = text.replaceAll("{{", "{");
      expect(await contentOf(plain)).toBe(plain.replace(/^\uFEFF/, ""));
    }),
    { numRuns: 25 },
  );
});

test("any text can be said as a literal, alone and between others", async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      expect(await contentOf(`<{{ ${JSON.stringify(text)} }}>`)).toBe(`<${text}>`);
    }),
    { numRuns: 25 },
  );
});

test("a json of any value is one line that reads back as the value", async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const line = await contentOf(`{{ ${JSON.stringify(text)} | json }}`);
      expect(line).not.toMatch(/[\n\r\0]/);
      expect(JSON.parse(line)).toBe(text);
    }),
    { numRuns: 25 },
  );
});

test("whatever stands between braces is rendered or refused, never more", async () => {
  const piece = fc.constantFrom(
    "{{",
    "}}",
    "{",
    "|",
    ".",
    '"',
    "'",
    "\\",
    "(",
    ")",
    ",",
    "[",
    "]",
    " ",
    "\n",
    "variant",
    "pad",
    "9",
    "é",
    "secret.x",
  );
  const spec = `${head}variants: [{ name: pi, edits: [{ write: { path: /f, template: t } }] }]\n`;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
      const template = pieces.join("");
      const error = await complaints(spec, { t: template }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(Array);
      expect(error).not.toBeInstanceOf(SpecError);
    }),
    { numRuns: 80 },
  );
});
