import { FileSource, fingerprintAt, type FileFingerprint } from "@bootstamp/byte-source";
import { aboutFile } from "../about-file.ts";
import { contentOf } from "../container-content.ts";
import { openContainer, type Container, type OpenContext } from "../open-container.ts";
import { makeRawImage } from "../raw-image.ts";
import { openRawBase, type BaseChoice, type RawBase } from "./base-image.ts";
import { tellUnpacked } from "./build-report.ts";
import { identityOf } from "./identity.ts";
import { isStillAt } from "./is-still-at.ts";
import { refuseOverwriting } from "./refuse-overwriting.ts";
import type { Workshop } from "./workshop.ts";
import { LedgerShelf } from "./ledger-shelf.ts";

/** A base as a build works on it: with the raw bytes in a file, since every thread and every digest reads them. */
export interface WorkingBase extends RawBase {
  /** Of the copy in the workshop, for {@link Workshop.keepOnly}; absent where the base is a raw file itself. */
  readonly copy: string | undefined;
}

/** Where a base is unpacked to, and what is known of earlier times; a workshop is such. */
export type BaseKeeper = Pick<Workshop, "rawBasePath"> & Partial<Pick<Workshop, "ledger">>;

/** What a base was unpacked to, by the identity of the copy. */
export const unpackedShelf: LedgerShelf<FileFingerprint> = new LedgerShelf("unpacked");

/** Of what a container is unpacked to: another for another container, or other bytes in it. */
export function copyIdentity({ name, identity }: Pick<Container, "name" | "identity">): string {
  return identityOf({ name, identity: identity ?? null });
}

/** A raw image as a file. */
export interface RawFile {
  /** For messages: of what was asked for. */
  readonly name: string;
  readonly path: string;
  /** Of what was unpacked; absent where the file is what was asked for. */
  readonly copy: string | undefined;
}

/**
 * Opens a base: itself where it is a raw file, else what an earlier build, or this one, unpacks of it for the keeper. A
 * base that is another by now is unpacked anew; so is one of which its server does not say whether it is. The caller
 * closes it.
 * @throws as {@link findRawFile}.
 */
export async function openWorkingBase(
  choice: BaseChoice,
  outputs: readonly string[],
  keeper: BaseKeeper,
  context: OpenContext,
): Promise<WorkingBase> {
  const { path, name, copy } = await findRawFile(choice.image, outputs, keeper, context);
  return { ...(await openRawBase(path, name, choice)), copy };
}

/**
 * Finds the raw image of what a path or a URL leads to: itself where it is a raw file, else unpacked for the keeper.
 * @throws ProgramError `BUILD_OUTPUT_IS_INPUT` if one of `outputs` is the image; as {@link openContainer} and
 * {@link makeRawImage}.
 */
export async function findRawFile(
  image: string,
  outputs: readonly string[],
  keeper: BaseKeeper,
  context: OpenContext,
): Promise<RawFile> {
  const container = await openContainer(image, context);
  const { name, file } = container;
  try {
    refuseOverwriting(file, outputs);
    const [path, copy] = await aboutFile(name, async () => await rawFileOf(container, keeper, context));
    return { name, path, copy };
  } finally {
    await container.close();
  }
}

async function rawFileOf(
  container: Container,
  { rawBasePath, ledger }: BaseKeeper,
  context: OpenContext,
): Promise<readonly [path: string, copy: string | undefined]> {
  const { name, identity } = container;
  const copy = copyIdentity(container);
  const path = rawBasePath(copy);
  const known = identity === undefined || ledger === undefined ? undefined : unpackedShelf.get(ledger, copy);
  if (known !== undefined && isStillAt(path, known)) return [path, copy];
  const content = await contentOf(container.file, "outline");
  if (content.kind === "raw" && container.file instanceof FileSource) return [name, undefined];
  const { reporter, signal } = context;
  const started = performance.now();
  const onProgress = (done: number, total: number): void =>
    reporter.progress({ task: "unpack base", done, total });
  const { rawLength } = await makeRawImage({ container, content, signal, onProgress }, path);
  tellUnpacked(reporter, name, rawLength, (performance.now() - started) / 1000);
  const fingerprint = fingerprintAt(path);
  if (fingerprint !== undefined && ledger !== undefined) unpackedShelf.set(ledger, copy, fingerprint);
  return [path, copy];
}
