import type { YamlPath } from "@bootstamp/declaration";
import type { SectorLength } from "@bootstamp/layout";
import type { Complain } from "./complain.ts";
import type { Layout } from "./layout.ts";

/** Complains of places and lengths that are no whole sectors, and of offsets that break their alignment. */
export function checkSectors(layout: Layout, sectorLength: SectorLength, complain: Complain): void {
  const check = (path: YamlPath, noun: string, value: number | "fit" | undefined) => {
    if (typeof value !== "number" || value % sectorLength === 0) return;
    complain(
      "PLAN_NOT_WHOLE_SECTORS",
      path,
      `${noun} of ${value} bytes is not a multiple of the sectors of ${sectorLength} bytes`,
    );
  };
  check(["size"], "an image", layout.size);
  check(["align"], "an alignment", layout.align);
  check(["first"], "a first byte", layout.first);
  for (const { index, size, offset, align } of layout.partitions) {
    const at: YamlPath = ["partitions", index];
    check([...at, "size"], "a size", size);
    check([...at, "offset"], "an offset", offset);
    check([...at, "align"], "an alignment", align);
    checkOffset([...at, "offset"], offset, align ?? layout.align, sectorLength, complain);
  }
}

function checkOffset(
  path: YamlPath,
  offset: number | undefined,
  align: number,
  sectorLength: SectorLength,
  complain: Complain,
): void {
  if (offset === undefined || offset % sectorLength !== 0 || offset % align === 0) return;
  complain(
    "PLAN_VALUE",
    path,
    `an offset of ${offset} bytes is not a multiple of its alignment of ${align}: give the partition an "align" of its own`,
  );
}
