import { findTool, run } from "@bootstamp/witnesses";
import type { Benchmark, Findings } from "../benchmark.ts";
import { markdownTable } from "../markdown-table.ts";
import { withNbdServer } from "../nbd-server.ts";
import { numberText, ratioText, timeText } from "../quantity.ts";
import { runRounds } from "../rounds.ts";
import type { Site } from "../site.ts";
import { startSlowServer, type SlowServer } from "../slow-server.ts";
import { median } from "../statistics.ts";

const python = "/usr/bin/python3";
const library = "/usr/lib/python3/dist-packages/nbd.py";
const readCount = 100;
const latency = 5;

/** Reads 4 KiB at places that are the same for every server, one after the other; prints the seconds. */
const client = `
import nbd, random, sys, time
handle = nbd.NBD()
handle.connect_uri(sys.argv[1])
places = random.Random(1)
blocks = handle.get_size() // 4096
begun = time.monotonic()
for _ in range(int(sys.argv[2])):
    handle.pread(4096, places.randrange(blocks) * 4096)
print(time.monotonic() - begun)
`;

/** Serve what SOURCE is, a file or a URL; PLUGIN is what nbdkit reads such a one by. */
const servers: readonly { readonly packed: string; readonly command: string; readonly reference?: true }[] = [
  { packed: "touched.xz", command: "nbdkit -f -U nbd.sock --filter=xz PLUGIN SOURCE", reference: true },
  { packed: "touched.xz", command: "bootstamp nbd SOURCE --unix nbd.sock" },
  { packed: "touched.gz", command: "nbdkit -f -U nbd.sock --filter=gzip PLUGIN SOURCE" },
  { packed: "touched.gz", command: "bootstamp nbd SOURCE --unix nbd.sock" },
  { packed: "touched.zst", command: "bootstamp nbd SOURCE --unix nbd.sock" },
];

/** Reads at random in a compressed image that is served over NBD, by one client. */
export const randomReads: Benchmark = {
  name: "random",
  title: "Reading at random in a compressed image",
  run: async (site) => {
    if ([python, library, "nbdkit"].some((tool) => findTool(tool) === undefined))
      return { text: "not measured: it takes nbdkit, and libnbd for Python", verdicts: [] };
    for (const extension of [".gz", ".xz", ".zst"] as const) await site.stampable("touched", extension);
    const remote = await startSlowServer(site.folder, latency);
    try {
      const local = await runPlace("from a file", (packed) => ["file", packed], undefined, site);
      const url = (packed: string): [string, string] => ["curl", `${remote.url}/${packed}`];
      const far = await runPlace(`over HTTP, ${latency} ms away`, url, remote, site);
      return {
        text: `${readCount} reads of 4 KiB, one after the other, by libnbd, the .xz being of level 1; each server anew for each run, its start not counted, but what nbdkit's gzip filter unpacks when a client comes: all of the file, from which it then reads.\n\n${local.text}\n\n${far.text}`,
        verdicts: [...local.verdicts, ...far.verdicts],
      };
    } finally {
      await remote.close();
    }
  },
};

interface Reading {
  readonly seconds: number;
  readonly requests: number;
  readonly bytes: number;
}

async function runPlace(
  title: string,
  sourceOf: (packed: string) => [plugin: string, source: string],
  remote: SlowServer | undefined,
  site: Site,
): Promise<Findings> {
  const contenders = servers.map(({ packed, command }) => {
    const [plugin, source] = sourceOf(packed);
    const actual = command.replace("PLUGIN", plugin).replace("SOURCE", source);
    return { name: `${command} ${packed}`, measure: async () => await read(actual, remote, site) };
  });
  const measured = await runRounds(contenders, { rounds: 3, seconds: 120 });
  const results = servers.map(({ packed, command, reference }) => {
    const readings = measured.get(`${command} ${packed}`) ?? [];
    const of = (pick: (reading: Reading) => number): number => median(readings.map(pick));
    return { packed, command, reference, each: of(({ seconds }) => seconds) / readCount, of };
  });
  const reference = results.find((result) => result.reference === true);
  if (reference === undefined) throw new Error("internal error: no reference");
  const rows = results.map(({ packed, command, each, of }) => [
    `\`${command.replace("PLUGIN ", "").replace("SOURCE", packed)}\``,
    timeText(each),
    ratioText(reference.each, each),
    ...(remote === undefined
      ? []
      : [numberText(of(({ requests }) => requests)), numberText(of(({ bytes }) => bytes / 2 ** 20))]),
  ]);
  const far = remote === undefined ? [] : [">requests", ">MiB fetched"];
  const verdicts = results
    .filter(({ command, packed }) => command.startsWith("bootstamp") && packed !== "touched.zst")
    .map(({ packed, each }) => ({
      what: `reads at random in a .${packed.split(".")[1] ?? ""} ${title}, against nbdkit's xz filter`,
      target: "faster",
      measured: `${(reference.each / each).toFixed(3)} times as fast`,
      met: each < reference.each,
    }));
  const titles = ["server", ">a read", ">times as fast", ...far];
  return { text: `### ${title}\n\n${markdownTable(titles, rows)}`, verdicts };
}

async function read(
  command: string,
  remote: SlowServer | undefined,
  { folder, say }: Site,
): Promise<Reading> {
  return await withNbdServer(command, folder, async (uri) => {
    remote?.takeCounts();
    const seconds = Number(await run(python, ["-c", client, uri, String(readCount)]));
    say(`  ${seconds.toFixed(2)} s: ${command}`);
    return { seconds, ...(remote?.takeCounts() ?? { requests: 0, bytes: 0 }) };
  });
}
