/** One line that says what to do next, for codes where the message alone does not. */
const hints: Readonly<Record<string, string>> = {
  MAP_MISSING: "make a stampable image from the raw one: bootstamp prepare IMAGE -o BASE.gz",
  MAP_PATCH_NOT_STORED:
    "stamp with -o: what is not stored is compressed again then; or prepare the base anew, from a spec that has this variant, a reserve for it, or `store: whole`",
  MAP_PATCH_OTHER_BASE: "stamp the base itself, not an artifact, and the one that the edits were made for",
  MAP_CHECKSUM: "fetch or make the file again",
  MAP_SEGMENT_DAMAGED: "fetch or make the file again",
  MAP_DAMAGED: "fetch or make the file again",
  MAP_INCONSISTENT: "fetch or make the file again",
  MAP_TOO_LARGE: "say `store: whole` in the spec, or make fewer scattered edits",
  SOURCE_CHANGED: "wait until whatever writes the file has finished, then run again",
  SOURCE_TRUNCATED: "check that the image was copied whole",
  FILE_DISK_FULL: "free some room or choose another output directory; what is done stays done",
  FILE_TOO_LARGE: "write to another file system than FAT, whose files end at 4 GiB, or raise `ulimit -f`",
  DISK_TOOL_MISSING: "on Debian: apt-get install e2fsprogs",
  STAMP_IN_PLACE_CUT_OFF: "bring the file in order: bootstamp repair FILE",
  STAMP_REGION_NOT_STORED:
    "make it anew with bootstamp prepare, which stores the whole region, or take the writes into a stamp: --cow FILE",
  STAMP_FILE_OTHER_BASE:
    "stamp the base that the stamp was made of, not an artifact or another version of it",
  BUILD_LOCKED: "wait for the other build, or choose another output directory",
  BUILD_FOREIGN_FILE: "choose an output directory of its own, or move that file away",
  PUBLISH_DENIED: "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  PUBLISH_EXISTS: "choose another --release, or say --overwrite",
  PUBLISH_BASE_CHANGED: "run again; keep bases under names that are used once",
  VERIFY_DIFFERS: "build or fetch the file again",
};

export function hintFor(code: string): string | undefined {
  return hints[code];
}

/** The codes that have a hint, so that a test can hold them against the codes that there are. */
export const hintedCodes: readonly string[] = Object.keys(hints);
