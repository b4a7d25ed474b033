import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { codesInCode, documentedCodes, errorsDocument, errorsDocumentPath } from "../src/errors-document.ts";

test("docs/ERRORS.md explains every code that the code has, and no other, once each", async () => {
  const document = readFileSync(errorsDocumentPath, "utf8");
  const codes = await codesInCode();
  expect(codes.length).toBeGreaterThan(30);
  expect(documentedCodes(document).toSorted()).toEqual(codes.toSorted());
});

test("docs/ERRORS.md is what `npm run docs` makes", () => {
  expect(readFileSync(errorsDocumentPath, "utf8")).toBe(errorsDocument());
});
