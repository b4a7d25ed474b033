import { parseByteLength, quote, type TextPosition } from "@bootstamp/declaration";
import type { RepartSetting } from "./repart-file.ts";

type ComplainAt = (position: TextPosition, message: string) => void;

/** A text in which `%` has been resolved, as far as that can be done without a machine. */
export function readText({ key, value, position }: RepartSetting, complain: ComplainAt): string {
  const specifier = /%([^%]|$)/.exec(value.replaceAll("%%", ""))?.[0];
  if (specifier !== undefined)
    complain(
      position,
      `the specifier ${quote(specifier)} in ${key}= cannot be taken: it depends on the machine`,
    );
  return value.replaceAll("%%", "%");
}

export function readPath(setting: RepartSetting, complain: ComplainAt): string {
  return readText(setting, complain);
}

/** Bytes: K, M, G, T, P, E are powers of 1024. */
export function readSize(setting: RepartSetting | undefined, complain: ComplainAt): number | undefined {
  if (setting === undefined) return undefined;
  const bytes = parseByteLength(setting.value);
  if (bytes === undefined)
    complain(setting.position, `${setting.key}= is a size such as 512M, got ${quote(setting.value)}`);
  return bytes;
}

export function readNumber(setting: RepartSetting | undefined, complain: ComplainAt): number | undefined {
  if (setting === undefined) return undefined;
  if (/^[+-]?\d{1,10}$/.test(setting.value)) return Number(setting.value);
  complain(setting.position, `${setting.key}= is a whole number, got ${quote(setting.value)}`);
  return undefined;
}

const words: Readonly<Record<string, boolean>> = {
  "1": true,
  yes: true,
  y: true,
  true: true,
  t: true,
  on: true,
  "0": false,
  no: false,
  n: false,
  false: false,
  f: false,
  off: false,
};

export function readBoolean(
  { key, value, position }: RepartSetting,
  complain: ComplainAt,
): boolean | undefined {
  const word = value.toLowerCase();
  if (Object.hasOwn(words, word)) return words[word];
  complain(position, `${key}= is yes or no, got ${quote(value)}`);
  return undefined;
}

/** The bits of a number of 64 bits: 0x... , 0b... or decimal. */
export function readFlags(setting: RepartSetting | undefined, complain: ComplainAt): readonly number[] {
  if (setting === undefined) return [];
  const { value, position } = setting;
  const isNumber = /^(?:0x[0-9a-f]{1,16}|0b[01]{1,64}|\d{1,20})$/i.test(value);
  const flags = isNumber ? BigInt(value) : -1n;
  if (flags >= 0n && flags < 1n << 64n)
    return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (flags >> BigInt(bit)) % 2n === 1n);
  complain(position, `Flags= is a number of 64 bits such as 0x4, got ${quote(value)}`);
  return [];
}
