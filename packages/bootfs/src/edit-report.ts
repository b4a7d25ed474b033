import type { Edit } from "./edit.ts";

/** What became of one file of the image. */
export interface FileReport {
  /** Canonical: without links. */
  readonly path: string;
  /** `kept`: it already was as the edit wants it. */
  readonly action: "made" | "changed" | "kept" | "removed" | "moved";
  /** Bytes of its content, before and after, where it is a file. */
  readonly lengthBefore?: number;
  readonly length?: number;
  /** Where it was, if it moved. */
  readonly from?: string;
  /** Of an edit of kernel arguments: what kind of configuration the file is. */
  readonly kind?: string;
  /** Kernel command lines in it, and how many of them a delete or replace found nothing in. */
  readonly kernelLines?: number;
  readonly unmatchedLines?: number;
}

/** Something that an edit of kernel arguments saw and left as it was. */
export interface LeftReport {
  readonly path: string;
  /** Of one line only, counted from 1. */
  readonly lineNumber?: number;
  readonly reason: string;
}

/** What one edit did. */
export interface EditReport {
  /** Its index in the request. */
  readonly edit: number;
  readonly verb: Edit["verb"];
  readonly files: readonly FileReport[];
  readonly left: readonly LeftReport[];
}
