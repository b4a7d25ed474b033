import type { InPlaceFile, InPlaceFiles, InPlaceLock } from "@bootstamp/stamp";

/** One step that changes the disk, in the order in which it was made. */
export type DiskStep =
  | { readonly kind: "write"; readonly node: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "create"; readonly name: string; readonly node: number }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "sync"; readonly node: number }
  | { readonly kind: "sync-directory" };

/** What a disk holds: names in its one directory, and what they lead to. */
export interface DiskState {
  readonly names: ReadonlyMap<string, number>;
  readonly nodes: ReadonlyMap<number, Uint8Array>;
}

/** Says, for each thing that was not synced when the power went, whether it came to the disk all the same. */
export type Fate = () => boolean;

export const sectorLength = 512;

/** A disk in memory that remembers every step. */
export class SimulatedDisk implements InPlaceFiles {
  readonly user = 0;
  readonly steps: DiskStep[] = [];
  readonly #names: Map<string, number>;
  readonly #nodes: Map<number, Uint8Array>;
  /** Steps that the disk leaves out, though it says that they are done: a disk that lies. */
  readonly #drops: (step: DiskStep) => boolean;

  constructor(state: DiskState, drops: (step: DiskStep) => boolean = () => false) {
    this.#names = new Map(state.names);
    this.#nodes = new Map([...state.nodes].map(([node, bytes]) => [node, new Uint8Array(bytes)]));
    this.#drops = drops;
  }

  get state(): DiskState {
    return { names: this.#names, nodes: this.#nodes };
  }

  locate(path: string): string {
    return path;
  }

  async lock(): Promise<InPlaceLock> {
    return { assertHeld: () => undefined, unlock: () => undefined };
  }

  async open(path: string): Promise<InPlaceFile | undefined> {
    const node = this.#names.get(path);
    return node === undefined ? undefined : this.#file(node);
  }

  async create(path: string): Promise<InPlaceFile> {
    if (this.#names.has(path)) throw new Error(`${path} is there already`);
    const node = this.#nodes.size;
    this.#step({ kind: "create", name: path, node });
    return this.#file(node);
  }

  async remove(path: string): Promise<void> {
    if (!this.#names.has(path)) throw new Error(`${path} is not there`);
    this.#step({ kind: "remove", name: path });
  }

  async syncDirectory(): Promise<void> {
    this.#step({ kind: "sync-directory" });
  }

  #file(node: number): InPlaceFile {
    const bytes = (): Uint8Array => this.#nodes.get(node) ?? new Uint8Array();
    return {
      length: bytes().length,
      owner: 0,
      links: 1,
      read: async (offset, length) => {
        if (offset < 0 || offset + length > bytes().length) throw new Error(`nothing at ${offset}+${length}`);
        return bytes().slice(offset, offset + length);
      },
      write: async (offset, part) => {
        this.#step({ kind: "write", node, offset, bytes: new Uint8Array(part) });
      },
      sync: async () => this.#step({ kind: "sync", node }),
      close: async () => undefined,
    };
  }

  #step(step: DiskStep): void {
    if (!this.#drops(step)) this.steps.push(step);
    applyStep(this.#names, this.#nodes, step);
  }
}

function applyStep(names: Map<string, number>, nodes: Map<number, Uint8Array>, step: DiskStep): void {
  if (step.kind === "create") {
    names.set(step.name, step.node);
    nodes.set(step.node, nodes.get(step.node) ?? new Uint8Array());
  }
  if (step.kind === "remove") names.delete(step.name);
  if (step.kind === "write") {
    nodes.set(step.node, overwritten(nodes.get(step.node) ?? new Uint8Array(), step.offset, step.bytes));
  }
}

function overwritten(old: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const now = new Uint8Array(Math.max(old.length, offset + bytes.length));
  now.set(old);
  now.set(bytes, offset);
  return now;
}

/**
 * What a disk may hold when the power goes after `steps`. Of what was not synced, `fate` says what is there: names one
 * by one, writes sector by sector, and the length of a file that grew apart from its bytes, which then are zeros.
 */
export function afterPowerCut(before: DiskState, steps: readonly DiskStep[], fate: Fate): DiskState {
  const names = new Map(before.names);
  const nodes = new Map(before.nodes);
  for (const [index, step] of steps.entries()) {
    const later = steps.slice(index + 1);
    if (step.kind === "create") nodes.set(step.node, nodes.get(step.node) ?? new Uint8Array());
    if (step.kind === "create" || step.kind === "remove") {
      const kept = later.some(({ kind }) => kind === "sync-directory") || fate();
      if (kept) applyStep(names, nodes, step);
    } else if (step.kind === "write") {
      const kept = later.some((each) => each.kind === "sync" && each.node === step.node);
      if (kept) applyStep(names, nodes, step);
      else writeSome(names, nodes, step, fate);
    }
  }
  return { names, nodes };
}

function writeSome(
  names: Map<string, number>,
  nodes: Map<number, Uint8Array>,
  step: DiskStep & { readonly kind: "write" },
  fate: Fate,
): void {
  const { node, offset, bytes } = step;
  for (let done = 0; done < bytes.length;) {
    const part = bytes.subarray(done, done + sectorLength - ((offset + done) % sectorLength));
    if (fate()) applyStep(names, nodes, { kind: "write", node, offset: offset + done, bytes: part });
    done += part.length;
  }
  const content = nodes.get(node) ?? new Uint8Array();
  const end = offset + bytes.length;
  if (content.length < end && fate()) nodes.set(node, overwritten(content, end, new Uint8Array()));
}
