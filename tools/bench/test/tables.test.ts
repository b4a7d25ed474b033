import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { benchmarks, chooseBenchmarks } from "../src/benchmarks.ts";
import { budgetTable, renderDocument } from "../src/document.ts";
import { markdownTable } from "../src/markdown-table.ts";
import { readRecords } from "../src/records.ts";
import { bytesText, changeText, numberText, ratioText, timeText } from "../src/quantity.ts";

test("a table lines up, numbers to the right", () => {
  expect(
    markdownTable(
      ["name", ">n"],
      [
        ["a", "1"],
        ["long name", "1234"],
      ],
    ),
  ).toBe(
    ["| name      |    n |", "| --------- | ---: |", "| a         |    1 |", "| long name | 1234 |"].join(
      "\n",
    ),
  );
});

test("quantities have the digits that count", () => {
  expect([1.234, 12.34, 123.4].map(numberText)).toEqual(["1.23", "12.3", "123"]);
  expect([0.0012, 1.2].map(timeText)).toEqual(["1.20 ms", "1.20 s"]);
  expect(bytesText(1_234_567)).toBe("1 234 567");
  expect(changeText(101, 100)).toBe("+1.00 %");
  expect(changeText(99, 100)).toBe("−1.00 %");
  expect(changeText(1_000_049, 1_000_000)).toBe("+0.0049 %");
  expect(ratioText(1, 2)).toBe("0.50");
  expect(ratioText(1, Number.NaN)).toBe("");
});

test("a budget that is missed is shown as that", () => {
  const verdict = { what: "memory", target: "400", measured: "500" };
  expect(budgetTable([{ ...verdict, met: false }])).toContain("**not met**");
  expect(budgetTable([{ ...verdict, met: true }])).not.toContain("not met");
});

test("the document has the machine, the budgets and every section with its command", () => {
  const verdict = { what: "memory", target: "400", measured: "300", met: true };
  const machine = ["2 cores", "an image"];
  const section = { name: "memory", title: "Memory", text: "a table", verdicts: [verdict], machine };
  const text = renderDocument([
    { ...section, name: "size", title: "Size", circumstances: "2000-01-01", machine: ["1 core"] },
    { ...section, circumstances: "2000-01-02" },
  ]);
  const marks = [
    "# Benchmarks",
    "- 2 cores",
    "- an image",
    "## Budgets",
    "| memory",
    "## Size",
    "- 1 core",
    "## Memory",
  ];
  const places = marks.map((mark) => text.indexOf(mark));
  expect(places).not.toContain(-1);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(text).toContain("`npm run bench -- memory`, 2000-01-02\n\na table\n");
});

/** Without what the formatter may lay out otherwise. */
const flat = (text: string): string => text.replaceAll(/[\s|:-]+/g, " ");

test("the document says what was kept of the last runs", () => {
  const records = readRecords();
  const sections = benchmarks.map(({ name }) => records.get(name)).filter((record) => record !== undefined);
  if (sections.length === 0) return;
  const document = readFileSync(new URL("../../../docs/BENCHMARKS.md", import.meta.url), "utf8");
  for (const part of renderDocument(sections).split("\n\n"))
    expect(flat(document)).toContain(flat(part).trim());
});

test("benchmarks are chosen by name, each once, and an unknown name lists what there is", () => {
  expect(chooseBenchmarks([])).toBe(benchmarks);
  expect(chooseBenchmarks(["size", "memory"]).map(({ name }) => name)).toEqual(["size", "memory"]);
  expect(() => chooseBenchmarks(["sizes"])).toThrow(/"sizes".*compression.*memory/);
  expect(new Set(benchmarks.map(({ name }) => name)).size).toBe(benchmarks.length);
});
