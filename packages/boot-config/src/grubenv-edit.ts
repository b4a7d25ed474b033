import { BootConfigError } from "./boot-config-error.ts";
import { encodeConfigText } from "./config-text.ts";
import { parseGrubenv } from "./grubenv.ts";

/** `unset` comes first, then `set` in the order of its keys. Unsetting what is not there does nothing, as with GRUB. */
export interface GrubenvEdit {
  readonly set?: Readonly<Record<string, string>>;
  readonly unset?: readonly string[];
}

/**
 * Edits an environment block; the result has the same size. A variable that is there keeps its place, a new one
 * goes behind the last; a second line of the same name goes away, since it would win over the first.
 *
 * @throws BootConfigError GRUBENV_INVALID when a name or value cannot stand in a block, GRUBENV_FULL when it
 * does not fit (the field `missing` says how many bytes are lacking), GRUBENV_DAMAGED as parseGrubenv.
 */
export function editGrubenv(block: Uint8Array, edit: GrubenvEdit): Uint8Array {
  const set = new Map(
    Object.entries(edit.set ?? {}).map(([name, value]) => [name, variableLine(name, value)]),
  );
  for (const name of edit.unset ?? []) checkName(name);
  const { lines, used, size } = parseGrubenv(block);
  const unset = new Set(edit.unset);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const line of lines) {
    const isSet = set.has(line.name);
    if (!isSet && !unset.has(line.name)) continue;
    parts.push(block.subarray(at, line.start));
    at = line.end;
    if (!isSet || unset.has(line.name)) continue;
    // The first line takes the value, further ones of the name vanish.
    parts.push(set.get(line.name) ?? new Uint8Array());
    set.set(line.name, new Uint8Array());
  }
  parts.push(block.subarray(at, used), ...set.values());
  return padded(parts, size);
}

function padded(parts: readonly Uint8Array[], size: number): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length > size) {
    throw new BootConfigError(
      "GRUBENV_FULL",
      `writing a GRUB environment block: ${length} bytes do not fit into ${size}, ${length - size} are missing`,
      { length, size, missing: length - size },
    );
  }
  const result = new Uint8Array(size).fill("#".charCodeAt(0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

function variableLine(name: string, value: string): Uint8Array {
  checkName(name);
  if (value.includes("\0")) throw invalid(name, "its value holds a NUL");
  return encodeConfigText(`${name}=${value.replaceAll(/[\\\n]/g, "\\$&")}\n`);
}

function checkName(name: string): void {
  if (name === "") throw invalid(name, "it is empty");
  if (/[=\n\\\0]|^#/.test(name))
    throw invalid(name, "a name holds no =, newline, backslash or NUL and starts with no #");
}

function invalid(name: string, reason: string): BootConfigError {
  return new BootConfigError(
    "GRUBENV_INVALID",
    `setting the GRUB variable ${JSON.stringify(name)}: ${reason}`,
    { name },
  );
}
