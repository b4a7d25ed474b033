import { expect, test } from "vitest";
import { jsonReporter } from "../../src/report/json-reporter.ts";
import { printable } from "../../src/report/printable.ts";
import { tableText } from "../../src/report/table.ts";
import { textReporter } from "../../src/report/text-reporter.ts";

function recorder(live: boolean, columns = 100) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    writeOut: (text: string) => void out.push(text),
    writeErr: (text: string) => void err.push(text),
    live,
    columns,
    colour: false,
    unicode: false,
  };
  return { terminal, out, err };
}

test("for programs, every line is one JSON object, and progress is rare", () => {
  const { terminal, out } = recorder(true);
  let now = 0;
  const reporter = jsonReporter(terminal, () => now);
  reporter.tell({ event: "done", count: 2 }, ["2 done"]);
  for (now = 0; now < 2500; now += 100) reporter.progress({ task: "press", done: now, total: 2500 });
  reporter.progress({ task: "press", done: 2500, total: 2500 });
  const events = out
    .join("")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string });
  expect(events.map(({ event }) => event)).toEqual(["done", "progress", "progress", "progress", "progress"]);
});

test("for people, progress is drawn over on a terminal and left out elsewhere", () => {
  const { terminal, out, err } = recorder(true);
  let now = 0;
  const reporter = textReporter(terminal, () => now);
  reporter.progress({ task: "press", done: 0, total: 1 << 30 });
  now = 1000;
  reporter.progress({ task: "press", done: 256 << 20, total: 1 << 30 });
  reporter.tell({ event: "done" }, ["done"]);
  expect(err[1]).toBe(
    "\rpress  #####...............  25 %  256 MiB of 1.0 GiB  256 MiB/s  3.0 s left\u001B[K",
  );
  expect(err.at(-1)).toBe("\r\u001B[K");
  expect(out).toEqual(["done\n"]);
  const narrow = recorder(true, 70);
  const cut = textReporter(narrow.terminal, () => now);
  cut.progress({ task: "press", done: 0, total: 1 << 30 });
  now = 2000;
  cut.progress({ task: "press", done: 256 << 20, total: 1 << 30 });
  expect(narrow.err[1]).toBe("\rpress  #####...............  25 %  256 MiB of 1.0 GiB  256 MiB/s\u001B[K");
  const silent = recorder(false);
  textReporter(silent.terminal).progress({ task: "press", done: 0, total: 1 });
  expect(silent.err).toEqual([]);
});

test("text from an image cannot steer the terminal", () => {
  expect(printable("a\u001B[2J\u202Eb")).toBe("a\\u{1b}[2J\\u{202e}b");
});

test("tables are aligned", () => {
  expect(
    tableText(
      [{ title: "name" }, { title: "size", align: "right" }],
      [
        ["é", "10"],
        ["long name", "9"],
      ],
    ),
  ).toEqual(["name       size", "é            10", "long name     9"]);
});
