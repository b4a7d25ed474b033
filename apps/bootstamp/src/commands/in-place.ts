import { BuildError } from "../build/build-error.ts";
import { isUrl } from "../open-container.ts";

/** Only a file of this machine can be changed in place. @throws BuildError `USAGE_ARGUMENT`. */
export function refuseUrl(reference: string): void {
  if (!isUrl(reference)) return;
  throw new BuildError("USAGE_ARGUMENT", "--in-place changes a file: what a URL leads to takes -o");
}
