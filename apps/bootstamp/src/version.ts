import { readFileSync } from "node:fs";

const manifest: { version: string } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
);

/** The version of this program. */
export const version: string = manifest.version;

/** The program as manifests name it. */
export const generator: string = `bootstamp ${version}`;
