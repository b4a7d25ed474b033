import { existsSync, realpathSync } from "node:fs";
import { journalPath, markPath } from "./beside-paths.ts";
import { busy, fileHolder } from "./file-lock.ts";
import { cutOff } from "./open-target.ts";

/**
 * Throws if the file at `path` is being changed in place, or was when that was cut off: what is read of it then cannot be
 * relied on. To be called before it is opened for reading. Costs two looks into the directory.
 * @throws StampError `STAMP_IN_PLACE_BUSY`, `STAMP_IN_PLACE_CUT_OFF`.
 */
export function assertSettled(path: string): void {
  if (!existsSync(path)) return;
  const place = realpathSync(path);
  const trace = [journalPath(place), markPath(place)].find((each) => existsSync(each));
  if (trace === undefined) return;
  const holder = fileHolder(place);
  throw holder === undefined ? cutOff(place, trace) : busy(place, holder);
}
