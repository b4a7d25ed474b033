import { formatByteLength, refuseAll, type TextPosition } from "@bootstamp/declaration";
import type { SectorLength } from "@bootstamp/layout";
import type { Layout } from "./layout.ts";
import { layoutKind, type LayoutComplaint, type LayoutNote } from "./layout-plan-error.ts";
import { plainDocument } from "./plain-document.ts";
import { layoutOf } from "./read-layout.ts";
import { readDefinition, type RepartPartition } from "./repart-definition.ts";
import { repartDefinitions, type RepartFile } from "./repart-file.ts";
import { refuseLong } from "./text-limit.ts";

/** What systemd-repart takes from its command line and its machine. */
export interface ImportRepartOptions {
  /** Which the types "root" and "usr" are for; without it they are refused. */
  readonly architecture?: string;
  /** Of the image, in bytes; "fit" is --size=auto. */
  readonly size?: number | "fit";
  /** --seed=, a GUID; default as in a layout. */
  readonly seed?: string;
  readonly sectors?: readonly SectorLength[];
}

/**
 * Reads a directory of repart.d(5) definitions, whose files the caller has read, as a layout: one partition a
 * definition, in the order of their names, planned to what systemd-repart makes of an empty disk. Notes of the layout
 * say what has no meaning in an image.
 *
 * @throws LayoutPlanError with every complaint: PLAN_IMPORT for what cannot be taken, else as `parseLayout`.
 */
export function importRepart(files: readonly RepartFile[], options: ImportRepartOptions = {}): Layout {
  refuseLong(files);
  const complaints: LayoutComplaint[] = [];
  const notes: LayoutNote[] = [];
  const complain = (position: TextPosition, message: string) =>
    void complaints.push({ code: "PLAN_IMPORT", position, message });
  const note = (position: TextPosition, message: string) => void notes.push({ position, message });
  const definitions = repartDefinitions(files, complain);
  const partitions = definitions.map((each) =>
    readDefinition(each, { architecture: options.architecture, complain, note }),
  );
  refuseAll(layoutKind, complaints);
  const start: TextPosition = { file: files[0]?.path ?? "repart.d", line: 1, column: 1 };
  const document = plainDocument(layoutValue(partitions, options), ([, index, key]) => {
    const partition = typeof index === "number" ? partitions[index] : undefined;
    return partition?.places.get(typeof key === "string" ? key : "") ?? partition?.places.get("") ?? start;
  });
  return layoutOf(document, notes);
}

function layoutValue(partitions: readonly RepartPartition[], options: ImportRepartOptions): unknown {
  const { size = "fit", sectors = [512], seed, architecture } = options;
  return {
    version: 1,
    table: "gpt",
    sectors,
    size: size === "fit" ? size : formatByteLength(size),
    ...(seed === undefined ? {} : { seed }),
    ...(architecture === undefined ? {} : { architecture }),
    // systemd-repart's grain
    align: "4KiB",
    order: "as-written",
    partitions: withLabels(partitions),
  };
}

/** systemd-repart's rule for partitions without a label: their type's name, and a number where it is taken before. */
function withLabels(partitions: readonly RepartPartition[]): readonly unknown[] {
  const taken = new Set<string>();
  return partitions.map(({ label, defaultLabel, value }) => {
    const name = label ?? freeName(defaultLabel, taken);
    taken.add(name);
    return { name, ...value };
  });
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let count = 2;
  while (taken.has(`${name}-${count}`)) count += 1;
  return `${name}-${count}`;
}
