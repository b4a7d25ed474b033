import {
  LayoutPlanError,
  parseLayout,
  planLayout,
  type Layout,
  type PlanFacts,
  type PlannedLayout,
} from "@bootstamp/layout-plan";

export const mebibyte = 1 << 20;

/** Facts of a caller that knows no contents. */
export const noFacts: PlanFacts = { contentLength: () => undefined, storedAlignment: 1 };

/** The plan of a layout for one length of sectors. */
export function planOf(layout: Layout | string, facts: PlanFacts = noFacts): PlannedLayout {
  const [planned] = plansOf(layout, facts);
  if (planned === undefined) throw new Error("a layout without sectors");
  return planned;
}

export function plansOf(layout: Layout | string, facts: PlanFacts = noFacts): readonly PlannedLayout[] {
  return planLayout(typeof layout === "string" ? parseLayout("layout.yaml", layout) : layout, facts);
}

/** `number name offset+length` of each partition, in MiB where they are whole. */
export function placesOf({ partitions }: PlannedLayout): readonly string[] {
  return partitions.map(({ number, name, offset, length }) =>
    `${number} ${name} ${inMiB(offset)}+${inMiB(length)}`.replaceAll(/ +/g, " "),
  );
}

function inMiB(bytes: number): string {
  return bytes % mebibyte === 0 ? `${bytes / mebibyte}M` : String(bytes);
}

/** The lines that reading or planning is refused with, with their codes. */
export function refusalOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (!(error instanceof LayoutPlanError)) throw error;
    return error.complaints.map(
      ({ code, position, message }) =>
        `${code} ${position.file}:${position.line}:${position.column}: ${message}`,
    );
  }
  return [];
}

/** A layout with the given partitions, each a line in braces. */
export function layoutWith(head: string, ...partitions: readonly string[]): string {
  return `version: 1\n${head}partitions:\n${partitions.map((each) => `  - { ${each} }\n`).join("")}`;
}
