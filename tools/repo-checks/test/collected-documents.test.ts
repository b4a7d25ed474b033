import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { codesInCode, documentedCodes, errorsDocument, formatDocument } from "../src/collected-documents.ts";

test("docs/ERRORS.md explains every code that the code has, and no other, once each", async () => {
  const codes = await codesInCode();
  expect(codes.length).toBeGreaterThan(30);
  expect(documentedCodes(readFileSync(errorsDocument().path, "utf8")).toSorted()).toEqual(codes.toSorted());
});

test.each([errorsDocument(), formatDocument()])("$path is what `npm run docs` makes", ({ path, text }) => {
  expect(readFileSync(path, "utf8")).toBe(text);
});
