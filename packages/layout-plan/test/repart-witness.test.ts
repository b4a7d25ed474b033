import { formatLayout, importRepart, parseLayout } from "@bootstamp/layout-plan";
import { requires } from "@bootstamp/witnesses";
import { expect, test } from "vitest";
import { planOf } from "./layouts.ts";
import { partitionedByRepart, seenBySfdisk, seenPlan } from "./partition-tools.ts";

const seed = "01234567-89ab-cdef-0123-456789abcdef";

/** Files by name, without their common head. */
type Definitions = Readonly<Record<string, string>>;

const cases: readonly (readonly [what: string, size: string, definitions: Definitions])[] = [
  [
    "weights, paddings and bounds",
    "2G",
    {
      "10-esp.conf": "Type=esp\nSizeMinBytes=100M\nSizeMaxBytes=100M\n",
      "20-root.conf": "Type=root\nWeight=2000\nPaddingWeight=100\n",
      "30-home.conf": "Type=home\nSizeMaxBytes=300M\n",
      "40-esp.conf": "Type=esp\n",
    },
  ],
  [
    "no size: all at their least",
    "auto",
    {
      "20-root.conf": "Type=root\n",
      "10-esp.conf": "Type=esp\nSizeMinBytes=1M\n",
      "30.conf": "Type=linux-generic\nSizeMinBytes=0\nPaddingMinBytes=3M\n",
    },
  ],
  [
    "weights that share nothing evenly",
    "777M",
    {
      "a.conf": "Type=root\nWeight=7\n",
      "b.conf": "Type=home\nWeight=11\nPaddingWeight=3\n",
      "c.conf": "Type=srv\nWeight=13\nPaddingMinBytes=1M\nPaddingMaxBytes=5M\n",
      "d.conf": "Type=var\nWeight=0\n",
      "e.conf": "Type=swap\nWeight=1000000\nSizeMaxBytes=100M\n",
      "f.conf": "Type=linux-generic\nWeight=1\nSizeMinBytes=50M\n",
    },
  ],
  [
    "bounds on all: what is left stays free",
    "512M",
    {
      "a.conf": "Type=root\nSizeMaxBytes=64M\nPaddingMaxBytes=4M\nPaddingWeight=100\n",
      "b.conf": "Type=usr\nSizeMaxBytes=32M\n",
    },
  ],
  [
    "no room: the highest priority number goes first",
    "100M",
    {
      "a.conf": "Type=root\nSizeMinBytes=50M\n",
      "b.conf": "Type=home\nSizeMinBytes=30M\nPriority=10\n",
      "c.conf": "Type=srv\nSizeMinBytes=30M\nPriority=5\n",
      "d.conf": "Type=home\nSizeMinBytes=40M\nPriority=10\n",
    },
  ],
  [
    "labels, ids and attributes",
    "auto",
    {
      "a.conf": "Type=root\nLabel=größe%%a\nUUID=0f1e2d3c4b5a69788796a5b4c3d2e1f0\nReadOnly=yes\n",
      "b.conf": "Type=xbootldr\nNoAuto=yes\n",
      "c.conf": "Type=root-x86-64-verity\n",
      "d.conf": "Type=usr-arm64\nGrowFileSystem=yes\n",
      "e.conf": "Type=21686148-6449-6e6f-744e-656564454649\n",
      "f.conf": "Type=de94bba4-06d1-4d40-a16a-bfd50179d6ac\n",
      "g.conf": "Type=root\n# a comment\n; another\nLabel=\\\n  joined\n",
      "h.conf": "Type=root\nLabel=root-x86-64\n",
      "i.conf": "Type=root\n",
    },
  ],
  [
    "drop-ins",
    "300M",
    {
      "10-a.conf": "Type=home\nSizeMinBytes=10M\n",
      "10-a.conf.d/20-later.conf": "SizeMaxBytes=20M\n",
      "10-a.conf.d/10-first.conf": "SizeMaxBytes=30M\nWeight=5\n",
      "20-b.conf": "Type=srv\n",
    },
  ],
];

/** systemd-repart's --size=, in bytes. */
const sizes: Readonly<Record<string, number>> = {
  "2G": 2 ** 31,
  "777M": 777 << 20,
  "512M": 512 << 20,
  "100M": 100 << 20,
  "300M": 300 << 20,
};

test.each(cases)(
  "systemd-repart makes the same of %s",
  requires("systemd-repart", "sfdisk"),
  async (_, size, definitions) => {
    const whole = Object.fromEntries(
      Object.entries(definitions).map(([name, text]) => [name, `[Partition]\n${text}`]),
    );
    const made = await partitionedByRepart(whole, size, seed);
    const layout = importRepart(
      Object.entries(whole).map(([path, text]) => ({ path: `repart.d/${path}`, text })),
      { architecture: "x86-64", size: sizes[size] ?? "fit", seed },
    );
    const planned = planOf(layout);
    expect(seenPlan(planned.table)).toEqual(await seenBySfdisk(made));
    const again = planOf(parseLayout("written.yaml", formatLayout(layout)));
    expect(again.table).toEqual(planned.table);
  },
);
