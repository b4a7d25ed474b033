import { BootConfigError } from "./boot-config-error.ts";
import { checkConfigText } from "./config-text.ts";
import { grubConfigTraits } from "./grub-config.ts";
import { type KargsKind, kargsFormats } from "./kargs-kind.ts";

/** Why a file has nothing for us to edit, undefined when it has kernel command lines. */
export function reasonToLeaveFile(kind: KargsKind, text: string): string | undefined {
  try {
    checkConfigText(text);
    const { lines, left } = kargsFormats[kind].find(text);
    if (lines.length > 0) return undefined;
    return kind === "grub" ? grubReason(text) : (left[0]?.reason ?? "it starts no kernel");
  } catch (error) {
    if (error instanceof BootConfigError) return error.message;
    throw error;
  }
}

function grubReason(text: string): string {
  const { readsEntries, loadsOther } = grubConfigTraits(text);
  if (readsEntries) return "it has no linux line, it shows the boot loader entries (blscfg)";
  if (loadsOther) return "it has no linux line, it loads another configuration";
  return "it has no linux line";
}
