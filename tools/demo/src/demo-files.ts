import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Puts the demo's own files into its folder. What is there already stays: it is the user's to edit. */
export function writeDemoFiles(folder: string): void {
  for (const [name, text] of Object.entries({ "spec.yaml": specText, "devices.csv": devicesText })) {
    const path = join(folder, name);
    if (!existsSync(path)) writeFileSync(path, text);
  }
}

const specText = `# One base image, five variants. Change something here, then: npx bootstamp build demo/spec.yaml
# Every key is explained in docs/SPEC.md.
version: 1

base:
  image: base.img

# The partition whose files may differ between variants. Only what really differs is left uncompressed in the .gz.
region: { label: boot }

output:
  directory: out
  name: "demo-{{ variant }}.img"
  digests: [sha256, raw-sha256]

variants:
  # Two clouds: the same files, other kernel arguments. The boot entries that hold them are found by themselves.
  - name: aws
    edits:
      - kargs: { append: [ignition.platform.id=aws, "console=ttyS0,115200n8"] }

  - name: azure
    edits:
      - kargs: { append: [ignition.platform.id=azure, "console=ttyS0,115200n8"], delete-if-present: [quiet] }

  # One variant for each row of a table.
  - name: "device-{{ row.serial }}"
    table: devices.csv
    edits:
      - write: { path: /marker.txt, content: "{{ row.hostname }}, made for serial number {{ row.serial }}\\n" }
      - write: { path: "/network/{{ row.hostname }}.network", content: "[Network]\\nAddress={{ row.address }}\\n" }
      - kargs: { append: ["systemd.hostname={{ row.hostname }}"] }
`;

const devicesText = `serial,hostname,address
0001,door,192.0.2.11/24
0002,window,192.0.2.12/24
0003,roof,192.0.2.13/24
`;
