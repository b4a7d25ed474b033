import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fateOf, processMark, removeLeftovers } from "@bootstamp/whole-file";
import { requires, when } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { relationOf } from "../src/process-place.ts";
import { mayBeShared } from "../src/shared-file-system.ts";

const here = tmpdir();

test("a mark lives as long as its process", () => {
  expect(fateOf(processMark(), here)).toBe("runs");
  expect(fateOf("4194999@1", here)).toBe("ended");
  expect(fateOf("", here)).toBe("ended");
  expect(fateOf("0", here)).toBe("ended");
  expect(fateOf("-1", here)).toBe("ended");
});

test("a mark fits into the names of files", () => {
  expect(processMark()).toMatch(/^[\da-f@]{1,64}$/);
});

test.runIf(process.platform === "linux")(
  "marks of older versions, which did not say where, are understood",
  () => {
    const [processId = "", start = ""] = processMark().split("@");
    expect(fateOf(`${processId}@${start}`, here)).toBe("runs");
    expect(fateOf("4194999", here)).toBe("ended");
    expect(fateOf("4194999@77", here)).toBe("ended");
  },
);

/** The mark of a process elsewhere that has our number and start. */
function markElsewhere(where: { namespace?: string; boot?: string; machine?: string }): string {
  const [processId, start, namespace, boot, machine] = processMark().split("@");
  return [processId, start, where.namespace ?? namespace, where.boot ?? boot, where.machine ?? machine].join(
    "@",
  );
}

test.runIf(process.platform === "linux")("what a process in another container does is not seen", () => {
  expect(fateOf(markElsewhere({}), here)).toBe("runs");
  expect(fateOf(markElsewhere({ namespace: "f000beef" }), here)).toBe("unseen");
  expect(fateOf(markElsewhere({ boot: "0123456789abcdef", machine: "0123456789ab" }), "/proc")).toBe(
    "unseen",
  );
});

const place = { namespace: "effffffc", boot: "b1", machine: "m1" };

test.each([
  ["here", {}, true],
  ["out of sight", { namespace: "f0000001" }, false],
  // The machine was started anew, or its disk is in another one.
  ["over", { boot: "b0" }, true],
  ["over", { boot: "b0", machine: "m2" }, false],
  ["over", { boot: "b0", machine: "", namespace: "f0000001" }, false],
  ["out of sight", { boot: "b0", machine: "m2" }, true],
  ["out of sight", { boot: "b0", machine: "", namespace: "f0000001" }, true],
] as const)("a process is %s with %j on a file system that is shared: %s", (expected, other, shared) => {
  expect(relationOf({ ...place, ...other }, place, () => shared)).toBe(expected);
});

test("two containers without a machine's mark are not taken for one machine", () => {
  const container = { namespace: "f0000001", boot: "b1", machine: "" };
  expect(relationOf({ ...container, boot: "b0" }, container, () => true)).toBe("out of sight");
  expect(relationOf(container, undefined, () => true)).toBe("out of sight");
});

test.runIf(process.platform === "linux")(
  "a file system that is not known to be one system's may be shared",
  () => {
    expect(mayBeShared("/dev/shm")).toBe(false);
    expect(mayBeShared("/proc")).toBe(true);
    expect(mayBeShared("/nowhere/at/all")).toBe(true);
  },
);

const unshareArguments = ["--pid", "--fork", "--mount-proc", "--kill-child"];
const canUnshare = when(
  spawnSync("unshare", [...unshareArguments, "true"]).status === 0,
  "no PID namespace can be made here (not root?)",
);

test(
  "the files of a process in another PID namespace stay",
  { ...requires("unshare"), ...canUnshare },
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "bootstamp-namespace-"));
    const script = `import { fateOf, processMark, writeWholeFile } from "${new URL("../src/index.ts", import.meta.url).href}";
    import { writeFileSync } from "node:fs";
    await writeWholeFile("${join(directory, "a")}", async (temporary) => {
      writeFileSync(temporary, "half");
      console.log([processMark(), fateOf("${processMark()}", "${directory}"), fateOf(processMark(), "${directory}")].join());
      await new Promise((resolve) => process.stdin.once("end", resolve).resume());
    });`;
    const node = [process.execPath, "--conditions=@bootstamp/source", "--input-type=module", "-e", script];
    const child = spawn("unshare", [...unshareArguments, ...node], { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await once(child.stdout, "data");
    const [mark = "", ...seen] = String(line).trim().split(",");
    expect(mark).toMatch(/^1@/);
    // Each knows of itself alone.
    expect(seen).toEqual(["unseen", "runs"]);
    expect(fateOf(mark, directory)).toBe("unseen");
    expect(removeLeftovers(directory)).toEqual([]);
    child.stdin.end();
    await once(child, "exit");
    expect(readdirSync(directory)).toEqual(["a"]);
  },
);

test.runIf(process.platform === "linux")(
  "a process of the same number that started at another time is another",
  () => {
    expect(fateOf(`${process.pid}@1`, here)).toBe("ended");
  },
);

test.runIf(process.platform === "linux")("a process that has ended is gone, asked after or not", async () => {
  // The shell makes way for a program that does not know of its child.
  const parent = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 20"]);
  try {
    const [line] = await once(parent.stdout, "data");
    const child = Number(String(line));
    const statOf = (): string[] => readFileSync(`/proc/${child}/stat`, "utf8").split(" ");
    const mark = `${child}@${statOf()[21]}`;
    expect(fateOf(mark, here)).toBe("runs");
    await expect.poll(() => statOf()[2], { timeout: 10_000 }).toBe("Z");
    expect(fateOf(mark, here)).toBe("ended");
  } finally {
    parent.kill();
  }
});
