import { loadSpec, type StoreChoice } from "@bootstamp/variants";
import { join } from "node:path";
import { expect, test } from "vitest";
import { complaints, head, scratch } from "./scratch.ts";

const specWith = (store: string): string => `${head}store: ${store}\nvariants: [{ name: plain }]\n`;

async function storeOf(store: string): Promise<StoreChoice> {
  return (await loadSpec(join(scratch({ "spec.yaml": specWith(store) }), "spec.yaml"))).store;
}

test("a reserve has files with room, new files and slots", async () => {
  expect(await storeOf("touched")).toBe("touched");
  expect(await storeOf("whole")).toBe("whole");
  const all = `{ reserve: { files: [/a, { path: /b, room: 4KiB }, { path: /c }, { path: /d, room: 0 }], bytes: 1.5MiB, directory: /new, slots: [/s] } }`;
  expect(await storeOf(all)).toMatchObject({
    reserve: {
      files: [
        { path: "/a", room: 16_384 },
        { path: "/b", room: 4096 },
        { path: "/c", room: 16_384 },
        { path: "/d", room: 0 },
      ],
      newFiles: { directory: "/new", bytes: 1_572_864 },
      slots: ["/s"],
    },
  });
  expect(await storeOf("{ reserve: { bytes: 4096 } }")).toMatchObject({
    reserve: { files: [], newFiles: { directory: "/", bytes: 4096 }, slots: [] },
  });
});

const lengthMessage = '3:28: expected a length such as "384MiB", "10G" or 1048576 (bytes)';

test.each([
  ["touch", '3:8: expected touched or whole, got "touch"'],
  ["{ reserv: {} }", '3:8: "reserve" is missing', '3:10: unknown key "reserv", did you mean "reserve"?'],
  ["{ reserve: {} }", '3:19: one or more of "files", "bytes", "slots" is needed'],
  ["{ reserve: { bytes: 1XB } }", lengthMessage],
  ["{ reserve: { bytes: 0.3 } }", "3:28: expected a whole number or text, got 0.3"],
  ["{ reserve: { bytes: 2PiB } }", "3:28: a length is a whole number of bytes, at most 1 PiB"],
  [
    "{ reserve: { directory: /a, slots: [/b] } }",
    '3:21: "directory" says where "bytes" go, which are not there',
  ],
  ["{ reserve: { files: [a] } }", `3:29: a path in the image starts with "/"`],
  ["{ reserve: { files: [{ path: /a, rom: 1 }] } }", '3:41: unknown key "rom", did you mean "room"?'],
  ["{ reserve: { files: [/a/../b] } }", '3:29: the path "/a/../b" has "." or ".." in it'],
  ["{ reserve: { files: [{ path: //b }] } }", '3:29: the path "//b" has an empty name in it'],
  ["{ reserve: { slots: [/a, /b//c] } }", '3:33: the path "/b//c" has an empty name in it'],
])("%s is refused", async (store, ...expected) => {
  const lines = await complaints(specWith(store));
  expect(lines.map((line) => line.replace(/^spec\.yaml:/, ""))).toEqual(expected);
});
