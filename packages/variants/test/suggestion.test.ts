import { expect, test } from "vitest";
import { complaints, head } from "./scratch.ts";

test.each([
  ["wrte", "write"],
  ["Write", "write"],
  ["wirte", "write"],
  ["copyin", "copy-in"],
  ["append_line", "append-line"],
  ["config_txt", "config-txt"],
  ["kargd", "kargs"],
  ["cloud-intt", "cloud-init"],
])("%s was meant to be %s", async (word, meant) => {
  expect(await complaints(`${head}variants: [{ name: a, edits: [{ ${word}: {} }] }]\n`)).toEqual([
    `spec.yaml:3:33: unknown edit "${word}", did you mean "${meant}"?`,
  ]);
});

test.each(["x", "upload", "chattr", "run-command", "w".repeat(70)])(
  "%s is like nothing that is known",
  async (word) => {
    expect(await complaints(`${head}variants: [{ name: a, edits: [{ ${word}: {} }] }]\n`)).toEqual([
      expect.stringMatching(/^spec\.yaml:3:33: unknown edit "[^"]*"; known are: write, append-line, /),
    ]);
  },
);
