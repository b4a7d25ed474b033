import { existsSync } from "node:fs";
import { FileSource } from "@bootstamp/byte-source";
import { openDigester } from "@bootstamp/stamp";
import type { Spec } from "@bootstamp/variants";
import { baseDigestShelf, knownDigest } from "../../build/base-digest.ts";
import { identityOf } from "../../build/identity.ts";
import { Ledger } from "../../build/ledger.ts";
import type { Manifest } from "../../build/manifest.ts";
import { copyIdentity, unpackedShelf } from "../../build/raw-base.ts";
import { ledgerPathIn } from "../../build/workshop.ts";
import { contentOf } from "../../container-content.ts";
import { isUrl } from "../../open-container.ts";
import { generator } from "../../version.ts";

/**
 * Says how the base that a spec names is another than that of a build; undefined where it is not, or where that cannot
 * be told: it is at a URL or not at hand, or its build was not in this directory.
 *
 * A file that is as it was is not read; a raw one that was touched is, whole.
 * @throws SourceError; the signal's reason.
 */
export async function changedBase(
  { base: { image } }: Spec,
  directory: string,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ledger = new Ledger(ledgerPathIn(directory), generator);
  const knowsBases = ledger.keys().some((key) => baseDigestShelf.nameIn(key) !== undefined);
  const { sha256: built } = manifest.base;
  if (built === undefined || !knowsBases || isUrl(image) || !existsSync(image)) return undefined;
  const file = FileSource.open(image);
  try {
    const copy = copyIdentity({ name: image, identity: identityOf(file.fingerprint) });
    if (unpackedShelf.get(ledger, copy) !== undefined) return undefined;
    const { kind } = await contentOf(file, "outline");
    if (kind !== "raw") return `is of another base than ${image} is now`;
    const sha256 = knownDigest(ledger, file) ?? (await digestOf(file, signal));
    return sha256 === built
      ? undefined
      : `is of a base with the SHA-256 ${built}, ${image} has ${sha256} now`;
  } finally {
    file.close();
  }
}

async function digestOf(file: FileSource, signal: AbortSignal): Promise<string> {
  const digester = openDigester();
  try {
    return await digester.digest({ file, signal });
  } finally {
    await digester.close();
  }
}
