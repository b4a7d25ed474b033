import { formatByteLength, quote, suggest, type TextPosition } from "@bootstamp/declaration";
import { bitsOf, namesOf } from "./attribute-names.ts";
import { roundDown, roundUp } from "./multiple.ts";
import type { RepartDefinition, RepartSetting } from "./repart-file.ts";
import { repartType, type RepartType } from "./repart-type.ts";
import { readBoolean, readFlags, readNumber, readPath, readSize, readText } from "./repart-value.ts";

/** What a definition is read with. */
export interface RepartContext {
  readonly architecture: string | undefined;
  readonly complain: (position: TextPosition, message: string) => void;
  readonly note: (position: TextPosition, message: string) => void;
}

/** One partition in the words of a layout, but for its name. */
export interface RepartPartition {
  /** As given; "" counts. */
  readonly label: string | undefined;
  readonly defaultLabel: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Where each key of `value` was said; "" is the definition. */
  readonly places: ReadonlyMap<string, TextPosition>;
}

/** systemd-repart's grain, and the least that a partition has. */
const grain = 4096;
/** repart.d(5), SizeMinBytes=. */
const defaultMin = 10 << 20;

/** The keys that a layout has words for. */
const taken = [
  "Type",
  "Label",
  "UUID",
  "Priority",
  "Weight",
  "PaddingWeight",
  "SizeMinBytes",
  "SizeMaxBytes",
  "PaddingMinBytes",
  "PaddingMaxBytes",
  "CopyBlocks",
  "Format",
  "CopyFiles",
  "Flags",
  "NoAuto",
  "ReadOnly",
  "GrowFileSystem",
];

/** Keys that say what systemd-repart does elsewhere than in the image. */
const elsewhere: ReadonlySet<string> = new Set([
  "FactoryReset",
  "SplitName",
  "MountPoint",
  "EncryptedVolume",
]);

/** Keys that are taken if they ask for nothing. */
const off: Readonly<Record<string, readonly string[]>> = {
  Encrypt: ["off", "no", "false", "0"],
  Verity: ["off"],
  Minimize: ["off", "no", "false", "0"],
};

/** Reads one definition. What cannot be taken is complained of, what has no meaning here noted. */
export function readDefinition(definition: RepartDefinition, context: RepartContext): RepartPartition {
  const settings = new Map<string, RepartSetting>();
  for (const setting of definition.settings) {
    if (setting.key === "CopyFiles" && settings.has("CopyFiles") && setting.value !== "")
      context.complain(
        setting.position,
        "only one CopyFiles= can be taken: a partition is made of one directory",
      );
    if (taken.includes(setting.key)) settings.set(setting.key, setting);
    else checkOther(setting, context);
  }
  const given = new Map([...settings].filter(([key, { value }]) => value !== "" || key === "Label"));
  const type = given.get("Type")?.value ?? "linux-generic";
  const rules = repartType(type, context.architecture);
  const value = {
    type,
    ...uuidOf(given, context),
    ...sizeOf(given, context),
    ...paddingOf(given, context),
    ...numberOf(given, "Priority", context),
    ...attributesOf(given, rules, context),
    ...contentOf(given, context),
  };
  return {
    label: labelOf(given, context),
    defaultLabel: rules.label,
    value,
    places: placesOf(definition, given),
  };
}

type Given = ReadonlyMap<string, RepartSetting>;

function checkOther({ key, value, position }: RepartSetting, { complain, note }: RepartContext): void {
  if (elsewhere.has(key)) note(position, `${key}= says nothing about what is in an image: left out`);
  else if (
    Object.hasOwn(off, key) ||
    [
      "MakeDirectories",
      "MakeSymlinks",
      "Subvolumes",
      "VerityMatchKey",
      "ExcludeFiles",
      "ExcludeFilesTarget",
    ].includes(key)
  ) {
    if (value !== "" && off[key]?.includes(value.toLowerCase()) !== true)
      complain(position, `${key}=${value.slice(0, 80)} cannot be taken: a layout has no words for it`);
  } else complain(position, `unknown key ${quote(key)}${suggest(key, taken)}`);
}

function labelOf(given: Given, { complain }: RepartContext): string | undefined {
  const setting = given.get("Label");
  return setting === undefined ? undefined : readText(setting, complain);
}

function uuidOf(given: Given, { complain }: RepartContext): object {
  const setting = given.get("UUID");
  if (setting === undefined) return {};
  if (setting.value === "null")
    complain(setting.position, "UUID=null cannot be taken: a partition needs a GUID that is not all zero");
  const hex = setting.value.replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/i.test(hex)) return { uuid: setting.value };
  return { uuid: hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") };
}

function sizeOf(given: Given, { complain }: RepartContext): object {
  const least = readSize(given.get("SizeMinBytes"), complain) ?? defaultMin;
  const most = readSize(given.get("SizeMaxBytes"), complain);
  const min = Math.max(roundUp(least, grain), grain);
  const weight = readNumber(given.get("Weight"), complain);
  // systemd-repart's least length wins, also where nobody asked for it
  const isMinGiven = given.has("SizeMinBytes");
  const max = most === undefined ? undefined : Math.max(roundDown(most, grain), isMinGiven ? grain : min);
  if (max === min) return { size: formatByteLength(min) };
  return {
    min: formatByteLength(min),
    ...(max === undefined ? {} : { max: formatByteLength(max) }),
    ...(weight === undefined ? {} : { weight }),
  };
}

function paddingOf(given: Given, { complain }: RepartContext): object {
  const min = readSize(given.get("PaddingMinBytes"), complain);
  const max = readSize(given.get("PaddingMaxBytes"), complain);
  const weight = readNumber(given.get("PaddingWeight"), complain);
  if (min === undefined && max === undefined && weight === undefined) return {};
  return {
    padding: {
      ...(min === undefined ? {} : { min: formatByteLength(roundUp(min, grain)) }),
      ...(max === undefined ? {} : { max: formatByteLength(roundDown(max, grain)) }),
      ...(weight === undefined ? {} : { weight }),
    },
  };
}

function numberOf(given: Given, key: "Priority", { complain }: RepartContext): object {
  const number = readNumber(given.get(key), complain);
  return number === undefined ? {} : { [key.toLowerCase()]: number };
}

/** Bit 63, 60 and 59: named settings decide, whatever Flags= says of them. */
function attributesOf(given: Given, rules: RepartType, context: RepartContext): object {
  const flag = (key: string, isKnown: boolean, byDefault: boolean) => {
    const setting = given.get(key);
    const asked = setting === undefined ? undefined : readBoolean(setting, context.complain);
    if (setting !== undefined && asked === true && !isKnown)
      context.complain(setting.position, `${key}= cannot be taken: partitions of this type do not have it`);
    return isKnown ? (asked ?? byDefault) : undefined;
  };
  const readOnly = flag("ReadOnly", rules.knowsReadOnly, rules.isReadOnly);
  const named: readonly (readonly [number, boolean | undefined])[] = [
    [63, flag("NoAuto", rules.knowsNoAuto, false)],
    [60, readOnly],
    [59, flag("GrowFileSystem", rules.knowsGrow, readOnly !== true)],
  ];
  const decided = new Map(named.filter(([, isSet]) => isSet !== undefined));
  const flags = readFlags(given.get("Flags"), context.complain).filter((bit) => !decided.has(bit));
  const bits = bitsOf([...flags, ...[...decided].filter(([, isSet]) => isSet === true).map(([bit]) => bit)]);
  return bits.length === 0 ? {} : { attributes: namesOf(bits) };
}

const formats: Readonly<Record<string, string>> = { vfat: "fat", ext4: "ext4" };

function contentOf(given: Given, { complain }: RepartContext): object {
  const blocks = given.get("CopyBlocks");
  const format = given.get("Format");
  const files = given.get("CopyFiles");
  if (blocks !== undefined) {
    for (const other of [format, files])
      if (other !== undefined) complain(other.position, `${other.key}= and CopyBlocks= exclude each other`);
    if (blocks.value === "auto")
      complain(blocks.position, "CopyBlocks=auto cannot be taken: it depends on the running system");
    return { image: readPath(blocks, complain) };
  }
  const name = format === undefined ? "ext4" : formats[format.value];
  if (format !== undefined && name === undefined)
    complain(
      format.position,
      `Format=${format.value.slice(0, 80)} cannot be taken: the file systems that can be made are vfat and ext4`,
    );
  if (files === undefined) return format === undefined ? {} : { "file-system": name };
  return { directory: readTree(files, complain), "file-system": name };
}

/** `source:target`, of which only a whole tree for the root of the file system can be taken. */
function readTree(setting: RepartSetting, complain: RepartContext["complain"]): string {
  const [source = "", target = source, ...more] = readText(setting, complain).split(":");
  if (more.length > 0 || target !== "/")
    complain(setting.position, `CopyFiles= can be taken for a whole file system only, as in /path/to/tree:/`);
  return source;
}

const keysOfValue: Readonly<Record<string, string>> = {
  Label: "name",
  Type: "type",
  UUID: "uuid",
  SizeMinBytes: "min",
  SizeMaxBytes: "max",
  Weight: "weight",
  PaddingWeight: "padding",
  PaddingMinBytes: "padding",
  PaddingMaxBytes: "padding",
  Priority: "priority",
  CopyBlocks: "image",
  Format: "file-system",
  CopyFiles: "directory",
  Flags: "attributes",
};

function placesOf(definition: RepartDefinition, given: Given): ReadonlyMap<string, TextPosition> {
  const places = new Map([["", definition.position]]);
  for (const [key, { position }] of given) places.set(keysOfValue[key] ?? key, position);
  const min = places.get("min");
  if (min !== undefined) places.set("size", min);
  return places;
}
