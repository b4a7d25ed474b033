import type { Edit } from "@bootstamp/bootfs";
import { contentKey } from "./extract-tree.ts";

type Node =
  | { readonly kind: "file"; readonly content: Uint8Array }
  | { readonly kind: "directory" }
  | { readonly kind: "link"; readonly target: string };

/** The edits that a map of files can carry out. */
export type ModelledEdit = Extract<
  Edit,
  { verb: "write" | "append-line" | "mkdir" | "link" | "delete" | "move" }
>;

/** A file system as a mere map: what edits must come to. Paths through links are not modelled. */
export class TreeModel {
  readonly #nodes = new Map<string, Node>();

  /** Carries an edit out. @returns false, with nothing done, if a file system would have to refuse it. */
  apply(edit: ModelledEdit): boolean {
    switch (edit.verb) {
      case "write":
        return this.#write(edit.path, () => edit.content);
      case "append-line":
        if (this.#nodes.get(edit.path)?.kind !== "file") return false;
        return this.#write(edit.path, (before) => {
          const newline = before.length > 0 && before.at(-1) !== 10 ? "\n" : "";
          return Buffer.concat([before, Buffer.from(`${newline}${edit.line}\n`)]);
        });
      case "mkdir":
        return this.#makeDirectories(edit.path);
      case "link":
        return this.#link(edit.path, edit.target);
      case "delete":
        return this.#delete(edit.path);
      case "move":
        return this.#move(edit.from, edit.to);
    }
    return false;
  }

  /** In the form of what other tools find. */
  tree(): ReadonlyMap<string, string> {
    const entries = [...this.#nodes].map(([path, node]): [string, string] => {
      if (node.kind === "directory") return [`${path}/`, ""];
      return [path, node.kind === "link" ? `-> ${node.target}` : contentKey(node.content)];
    });
    return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  #write(path: string, change: (before: Uint8Array) => Uint8Array): boolean {
    const node = this.#nodes.get(path);
    if (node !== undefined && node.kind !== "file") return false;
    if (!this.#makeDirectories(parentOf(path))) return false;
    this.#nodes.set(path, { kind: "file", content: change(node?.content ?? new Uint8Array()) });
    return true;
  }

  #makeDirectories(path: string): boolean {
    if (path === "") return true;
    const kind = this.#nodes.get(path)?.kind;
    if (kind !== undefined) return kind === "directory";
    if (!this.#makeDirectories(parentOf(path))) return false;
    this.#nodes.set(path, { kind: "directory" });
    return true;
  }

  #link(path: string, target: string): boolean {
    if (!this.#isDirectory(parentOf(path)) || this.#nodes.get(path)?.kind === "directory") return false;
    this.#nodes.set(path, { kind: "link", target });
    return true;
  }

  #delete(path: string): boolean {
    if (!this.#nodes.has(path)) return false;
    for (const each of this.#below(path)) this.#nodes.delete(each);
    return true;
  }

  #move(from: string, to: string): boolean {
    if (!this.#nodes.has(from) || to.startsWith(`${from}/`) || !this.#isDirectory(parentOf(to))) return false;
    if (from === to) return true;
    if (this.#nodes.get(to)?.kind === "directory") return false;
    const moved = this.#below(from).map(
      (path) => [to + path.slice(from.length), this.#nodes.get(path)] as const,
    );
    this.#delete(from);
    for (const [path, node] of moved) if (node !== undefined) this.#nodes.set(path, node);
    return true;
  }

  #isDirectory(path: string): boolean {
    return path === "" || this.#nodes.get(path)?.kind === "directory";
  }

  #below(path: string): string[] {
    return [...this.#nodes.keys()].filter((each) => each === path || each.startsWith(`${path}/`));
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
