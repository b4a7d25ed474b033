import type { Edit } from "@bootstamp/bootfs";
import { canonicalForm, contentIdentity, variantIdentity } from "@bootstamp/variants";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { head, render } from "./scratch.ts";

const write: Edit = { verb: "write", path: "/a", content: new TextEncoder().encode("abc"), mode: 0o600 };
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("the canonical form is sorted JSON with hashes for contents", () => {
  expect(canonicalForm([write, { verb: "delete", path: "/é" }])).toBe(
    `{"edits":[{"content":{"sha256":"${abc}"},"mode":384,"path":"/a","verb":"write"},{"path":"/é","verb":"delete"}],"version":1}`,
  );
});

// computed apart from this package, with Python's json and hashlib
test("identities are pinned: a change here makes every variant of every user be built again", async () => {
  expect(contentIdentity([])).toBe("e615510e918d655c957a3c7f89dc77177d10aba205cfa7cec43e22555c1eb27e");
  expect(contentIdentity([write])).toBe("0460552365f01994ad7e0094ad599147e20b0e650fd9e8d37561a2d10aea8fa0");
  expect(variantIdentity(contentIdentity([write]), "base")).toBe(
    "87416c2a55ef38e20b8f2aa17ee7285f0f687e291fb015ea8d45ba30b4dbe09c",
  );
  const [variant] = await render(`${head}variants:
  - name: aws
    edits:
      - kargs: { append: [ignition.platform.id=aws, "console=ttyS0,115200n8"] }
      - write: { path: /grub2/console.cfg, content: "serial --speed=115200\\n", mode: "0644", uid: 0, gid: 0 }
      - grubenv: { set: { saved_entry: "0" } }
      - config-txt: { set: { dtoverlay: [a, b] }, remove: [c] }
      - cloud-init: { user-data: { content: "#cloud-config\\n" } }
`);
  expect(variant?.contentIdentity).toBe("cc819223a6684b8d994d0e0d88f836bc59f8fd3a99f3d75db7fea041083cb976");
});

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

test("an identity is the SHA-256 of what is documented", () => {
  const content = sha256(canonicalForm([write]));
  expect(contentIdentity([write])).toBe(content);
  expect(variantIdentity(content, 'b"é')).toBe(sha256(`{"base":"b\\"é","content":"${content}","version":1}`));
});

test("the name of a variant does not count, its edits and their order do", async () => {
  const variants = await render(`${head}variants:
  - { name: a, edits: [{ mkdir: /x }, { mkdir: /y }] }
  - { name: b, edits: [{ mkdir: /x }, { mkdir: { path: "/{{ values.y }}" } }], values: { y: y } }
  - { name: c, edits: [{ mkdir: /y }, { mkdir: /x }] }
`);
  const [a, b, c] = variants.map(({ contentIdentity: identity }) => identity);
  expect(a).toBe(b);
  expect(a).not.toBe(c);
});

test("keys in another order are the same edit; another value is another", () => {
  const edit = fc.record(
    { path: fc.string(), mode: fc.nat(0o7777), uid: fc.nat(), content: fc.uint8Array({ maxLength: 8 }) },
    { requiredKeys: ["path", "content"] },
  );
  fc.assert(
    fc.property(edit, edit, (one, other) => {
      const turned = Object.fromEntries(Object.entries({ verb: "write", ...one }).toReversed());
      const [a, b] = [[{ verb: "write", ...one }], [{ verb: "write", ...other }]] as [Edit[], Edit[]];
      expect(contentIdentity([turned] as unknown as Edit[])).toBe(contentIdentity(a));
      const same = fc.stringify(one) === fc.stringify(other) || canonicalForm(a) === canonicalForm(b);
      expect(contentIdentity(a) === contentIdentity(b)).toBe(same);
    }),
  );
});
