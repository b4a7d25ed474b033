// Edits the image that is named and prints the digest of the patch, for comparisons between environments.
import { createHash } from "node:crypto";
import { openEditor } from "@bootstamp/bootfs";
import { FileSource } from "@bootstamp/byte-source";

const source = FileSource.open(process.argv[2] ?? "");
const editor = openEditor({ threads: 1 });
const { patch } = await editor.edit({
  source,
  region: { offset: 0, length: source.length },
  sectorLength: 512,
  edits: [
    { verb: "write", path: "/new/deep/file.txt", content: new TextEncoder().encode("new") },
    { verb: "append-line", path: "/old.txt", line: "line" },
  ],
});
await editor.close();
source.close();
const hash = createHash("sha256");
for (const { offset, bytes } of patch) hash.update(`${offset} `).update(bytes);
console.log(hash.digest("hex"));
