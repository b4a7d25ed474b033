import { ProgramError } from "../program-error.ts";
import { isUrl } from "../open-container.ts";

/** Only a file of this machine can be changed in place. @throws ProgramError `USAGE_ARGUMENT`, saying what to do. */
export function refuseUrl(reference: string, flag = "--in-place", instead = "-o"): void {
  if (!isUrl(reference)) return;
  throw new ProgramError("USAGE_ARGUMENT", `${flag} changes a file: what a URL leads to takes ${instead}`);
}
