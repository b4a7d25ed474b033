/**
 * One file-level operation on a file system, complete in itself: contents are bytes, modes are numbers.
 *
 * Paths are absolute from the root of the file system, with `/` between names; symbolic links inside the image are
 * followed, never out of it. Parent directories are made (mode 0755, owner root) by `write`, `copy-in` and `mkdir`.
 * FAT keeps neither owners nor modes: `chown` and `link` are refused there, modes map to the read-only attribute.
 */
export type Edit =
  | WriteEdit
  | AppendLineEdit
  | FillEdit
  | CopyInEdit
  | DeleteEdit
  | MoveEdit
  | MkdirEdit
  | LinkEdit
  | ChmodEdit
  | ChownEdit
  | KargsEdit
  | GrubenvEdit
  | ConfigTxtEdit;

/** Permission bits and owner for what an edit makes; what is left out keeps the file's own, or the default. */
export interface Ownership {
  /** 0..0o7777; default for new files 0o644, for new directories 0o755. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** Makes or replaces a file; its owner and mode stay unless given. */
export interface WriteEdit extends Ownership {
  readonly verb: "write";
  readonly path: string;
  readonly content: Uint8Array;
  /** Mode for parent directories that have to be made; default 0o755. */
  readonly parentMode?: number;
}

/** Adds `line` to the end of a file, with a newline before it where the file lacks one. The file must exist. */
export interface AppendLineEdit {
  readonly verb: "append-line";
  readonly path: string;
  readonly line: string;
}

/**
 * Fills a slot, which is a file that is there already: its bytes become `content`, `end` and as many `pad` as its length
 * takes, where they lie. Nothing else changes: no length, no time, no counter of the file system.
 */
export interface FillEdit {
  readonly verb: "fill";
  readonly path: string;
  readonly content: Uint8Array;
  /** Follows the content; default nothing. */
  readonly end?: Uint8Array;
  /** A byte, 0..255; default NUL. */
  readonly pad?: number;
}

/** One file, directory or symbolic link below the target of a `copy-in`; `path` is relative, "" for the target itself. */
export type TreeEntry =
  | { readonly kind: "file"; readonly path: string; readonly content: Uint8Array; readonly mode: number }
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/** Puts a file or a tree at `path`; existing directories are merged into, existing files replaced. */
export interface CopyInEdit {
  readonly verb: "copy-in";
  readonly path: string;
  /** Parents before children. */
  readonly entries: readonly TreeEntry[];
  readonly uid?: number;
  readonly gid?: number;
}

/** Removes a file, a link, or a directory with all it holds. `missingOk`: nothing there is no error. */
export interface DeleteEdit {
  readonly verb: "delete";
  readonly path: string;
  readonly missingOk?: boolean;
}

/** Renames `from` to `to`, replacing a file that is there. */
export interface MoveEdit {
  readonly verb: "move";
  readonly from: string;
  readonly to: string;
}

/** Makes a directory and its parents; one that exists is no error. */
export interface MkdirEdit extends Ownership {
  readonly verb: "mkdir";
  readonly path: string;
}

/** Makes `path` a symbolic link to `target`, which is taken as it stands; replaces a link or file that is there. */
export interface LinkEdit {
  readonly verb: "link";
  readonly path: string;
  readonly target: string;
}

export interface ChmodEdit {
  readonly verb: "chmod";
  readonly path: string;
  readonly mode: number;
}

export interface ChownEdit {
  readonly verb: "chown";
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
}

/** Changes kernel arguments in every file that the boot loader may read, or in the named ones. */
export interface KargsEdit {
  readonly verb: "kargs";
  readonly append?: readonly string[];
  readonly appendIfMissing?: readonly string[];
  readonly delete?: readonly string[];
  readonly deleteIfPresent?: readonly string[];
  /** `KEY=NEW` or `KEY=OLD=NEW`; in parts where a value has an `=` in it, such as `root=PARTUUID=...`. */
  readonly replace?: readonly KargsReplacement[];
  /** Files to change; found by themselves when absent. */
  readonly paths?: readonly string[];
}

/** Without `old` the key must have one value. */
export type KargsReplacement = string | { readonly key: string; readonly old?: string; readonly new: string };

/** Sets and removes variables of a GRUB environment block, whose size stays. */
export interface GrubenvEdit {
  readonly verb: "grubenv";
  /** Found as /grub2/grubenv, /grub/grubenv or below /boot when absent. */
  readonly path?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly unset?: readonly string[];
}

/** Sets and removes entries of the Raspberry Pi's config.txt. */
export interface ConfigTxtEdit {
  readonly verb: "config-txt";
  /** Found as /config.txt or /firmware/config.txt when absent. */
  readonly path?: string;
  readonly set?: readonly ConfigTxtEntry[];
  readonly remove?: readonly ConfigTxtEntry[];
  readonly removeIfPresent?: readonly ConfigTxtEntry[];
}

/** One `key=value` of config.txt under a `[section]` filter. */
export interface ConfigTxtEntry {
  /** Without brackets; default `all`. */
  readonly section?: string;
  readonly key: string;
  /** Absent in a removal: every value of the key. */
  readonly value?: string;
}
