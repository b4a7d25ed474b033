import { foretellStamped } from "@bootstamp/stamp";
import { factsOf, sealing, type MadeArtifact } from "./make-artifact.ts";
import type { ArtifactFacts } from "./manifest.ts";
import type { ArtifactOrder, StampContext } from "./stamp-variants.ts";
import { LedgerShelf } from "./ledger-shelf.ts";

/** What the ledger keeps of an artifact that is not made. */
interface KnownForetold {
  readonly identity: string;
  readonly facts: ArtifactFacts;
}

export const foretoldShelf: LedgerShelf<KnownForetold> = new LedgerShelf("foretold");

/** Works out what an artifact would be that is made by a stamp elsewhere, unless an earlier run did. */
export async function foretellArtifact(
  order: ArtifactOrder,
  { identity: base, workshop }: Pick<StampContext, "identity" | "workshop">,
): Promise<MadeArtifact> {
  const { identity, file, stampable } = order;
  const known = foretoldShelf.get(workshop.ledger, file);
  if (known?.identity === identity) {
    return { mark: identity, facts: known.facts, isOlder: false, writes: sealing(order), seconds: 0 };
  }
  const started = performance.now();
  const { format, map, file: stampableFile, packedCrc64nvme: stampableCrc64nvme } = stampable;
  const patch = order.patch();
  const request = { format, map, stampable: stampableFile, patch, stampableCrc64nvme };
  const stamped = await foretellStamped(request);
  const facts = factsOf(stamped, order, patch, base);
  foretoldShelf.set(workshop.ledger, file, { identity, facts });
  const seconds = (performance.now() - started) / 1000;
  return { mark: identity, facts, isOlder: false, writes: async () => stamped.writes, seconds };
}
