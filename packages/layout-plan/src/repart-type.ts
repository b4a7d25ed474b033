import { typeIdOf, typeNameOf } from "./partition-types.ts";

/**
 * What systemd-repart does by itself for a type that it knows. Sources: repart.d(5), "NoAuto=, ReadOnly=,
 * GrowFileSystem=" and "Label="; the Discoverable Partitions Specification.
 */
export interface RepartType {
  /** What a partition is called that has no label. */
  readonly label: string;
  /** Whether the three flags mean something for it. */
  readonly knowsNoAuto: boolean;
  readonly knowsReadOnly: boolean;
  readonly knowsGrow: boolean;
  readonly isReadOnly: boolean;
}

const grown = /^(?:(?:root|usr)-(?!.*-verity).*|home|srv|var|tmp|xbootldr)$/;
const verity = /^(?:root|usr)-.*-verity$/;
const known = /^(?:(?:root|usr)-.*|esp|xbootldr|swap|home|srv|var|tmp|user-home|linux-generic)$/;

/** The rules for the type that `text` names; of one that systemd does not know, those for any other. */
export function repartType(text: string, architecture: string | undefined): RepartType {
  const found = typeIdOf({ table: "gpt", architecture }, text);
  const name = "typeId" in found ? (typeNameOf(found.typeId) ?? "") : "";
  const isVerity = verity.test(name);
  const isGrown = grown.test(name);
  return {
    label: known.test(name) ? name : "linux",
    knowsNoAuto: isGrown || isVerity || name === "esp" || name === "swap",
    knowsReadOnly: isGrown || isVerity,
    knowsGrow: isGrown,
    isReadOnly: isVerity,
  };
}
