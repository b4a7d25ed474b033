import { bootImage, bootTools, buildImage } from "@bootstamp/test-images";
import { findTool } from "@bootstamp/witnesses";
import type { Benchmark } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { withNbdServer } from "../nbd-server.ts";
import { mebibytesText } from "../quantity.ts";
import { startSlowServer } from "../slow-server.ts";

const latency = 5;

const servers = [
  { packed: "touched.xz", command: "nbdkit -f -U nbd.sock --filter=xz curl URL" },
  { packed: "touched.xz", command: "bootstamp nbd URL --unix nbd.sock" },
  { packed: "touched.gz", command: "bootstamp nbd URL --unix nbd.sock" },
  { packed: "touched.zst", command: "bootstamp nbd URL --unix nbd.sock" },
];

/** What is fetched of a compressed image on a web server until a machine has booted from it. */
export const bootOverHttp: Benchmark = {
  name: "http-boot",
  title: "Booting over HTTP",
  run: async (site) => {
    const { folder, base, say } = site;
    if (
      base.recipe !== "debian-grub" ||
      [...bootTools, "nbdkit"].some((tool) => findTool(tool) === undefined)
    )
      return { text: "not measured: it takes qemu, nbdkit and what builds the image", verdicts: [] };
    const { boots } = await buildImage("debian-grub");
    for (const extension of [".gz", ".xz", ".zst"] as const) await site.stampable("touched", extension);
    const remote = await startSlowServer(folder, latency);
    const results: { readonly name: string; readonly requests: number; readonly bytes: number }[] = [];
    try {
      for (const { packed, command } of servers) {
        say(`booting: ${command} ${packed}`);
        remote.takeCounts();
        await withNbdServer(command.replace("URL", `${remote.url}/${packed}`), folder, async (uri) => {
          await bootImage(uri, { firmware: boots.includes("bios") ? "bios" : "uefi", timeout: 900_000 });
        });
        results.push({ name: command.replace("URL", packed), ...remote.takeCounts() });
      }
    } finally {
      await remote.close();
    }
    const [reference, ...ours] = results;
    if (reference === undefined) throw new Error("internal error: nothing measured");
    const rows = results.map(({ name, requests, bytes }) => [
      `\`${name}\``,
      String(requests),
      mebibytesText(bytes),
    ]);
    const verdicts = ours.slice(0, 2).flatMap(({ requests, bytes }, index) => {
      const what = `booting a .${index === 0 ? "xz" : "gz"} over HTTP, against nbdkit's curl and xz`;
      return [
        {
          what: `${what}: bytes`,
          target: "fewer",
          measured: mebibytesText(bytes),
          met: bytes < reference.bytes,
        },
        {
          what: `${what}: requests`,
          target: "fewer",
          measured: String(requests),
          met: requests < reference.requests,
        },
      ];
    });
    return {
      text: `Until the machine's initramfs has found its root and turns it off; ${latency} ms away. The .xz is of level 1 and has blocks of 16 MiB.\n\n${markdownTable(["server", ">requests", ">fetched"], rows)}`,
      verdicts,
    };
  },
};
