import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hintedCodes, hintFor } from "../../src/report/hints.ts";

test("hints are for codes that there are", () => {
  const documented = readFileSync(join(import.meta.dirname, "../../../../docs/ERRORS.md"), "utf8");
  expect(hintedCodes.filter((code) => !new RegExp(`^\\| \`?${code}\`? `, "m").test(documented))).toEqual([]);
  expect(hintFor("NO_SUCH_CODE")).toBeUndefined();
});
