// The same inputs give the same bytes: wherever, whenever, for whomever and on however many cores.
import { mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { buildImage } from "@bootstamp/test-images";
import { requires } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { formats } from "../../src/formats.ts";
import { spawnCommand } from "../support/command.ts";
import { copyOf, digestsIn, editsOf, specOf, workplace, writeText } from "../support/workplace.ts";

test.each(["fat16", "ext4"] as const)(
  "two builds of %s are the same",
  requires("taskset", "mke2fs"),
  async (boot) => {
    const { path: image } = await buildImage("tiny", { boot });
    const variants = ["aws", "azure"].map((name) => ({
      name,
      edits: [...editsOf(name), { write: { path: "/new/file.txt", content: "new\n" } }],
    }));
    const output = { bmap: true, formats: formats.map(({ name }) => name) };
    const folder = workplace();
    const build = async (
      place: string,
      environment: Readonly<Record<string, string>>,
      wrapper: readonly string[],
    ): Promise<Record<string, string>> => {
      mkdirSync(join(folder, place), { recursive: true });
      const base = copyOf(image, join(folder, place, "base.img"));
      utimesSync(base, place.length * 1e6, place.length * 1e6);
      const spec = writeText(join(folder, place, "spec.yaml"), specOf("base.img", { output, variants }));
      expect(await spawnCommand(["build", spec], { environment, wrapper })).toMatchObject({
        status: 0,
        err: "",
      });
      return digestsIn(join(folder, place, "out"));
    };
    const one = await build("one", { TZ: "Asia/Kathmandu", LANG: "C" }, ["taskset", "--cpu-list", "0"]);
    const other = await build("a/b/c d", { TZ: "UTC", LANG: "de_DE.UTF-8", UV_THREADPOOL_SIZE: "1" }, [
      "bash",
      "-c",
      'umask 077; exec "$@"',
      "bash",
    ]);
    expect(other).toEqual(one);
    expect(Object.keys(one)).toHaveLength(2 + 2 * 2 * formats.length);
  },
);
