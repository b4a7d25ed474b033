/*
 * The seed of cloud-init's NoCloud data source (cloud-init documentation, "NoCloud", "User-data formats"):
 * user-data, meta-data with an instance-id, and network-config if there is one. cloud-init runs its once-only
 * parts again when the instance-id changes.
 */
import { BootConfigError } from "./boot-config-error.ts";
import type { SeedFile } from "./seed-file.ts";

export interface CloudInitSeed {
  /** Begins with one of the headers that cloud-init knows; bytes may be a gzip file. */
  readonly userData: Uint8Array | string;
  /** YAML or JSON; made from `instanceId` when it is not given. */
  readonly metaData?: string;
  readonly networkConfig?: string;
  /** The instance-id for meta-data without one. */
  readonly instanceId?: string;
  /** Folder of the seed, relative; the root when it is not given. */
  readonly at?: string;
}

const headers = new Set([
  "#cloud-config",
  "#cloud-config-archive",
  "#cloud-config-jsonp",
  "#cloud-boothook",
  "#include",
  "#include-once",
  "#part-handler",
  "#upstart-job",
  "## template: jinja",
]);

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * The files of a NoCloud seed. All of them may hold secrets and get mode 0600.
 *
 * @throws BootConfigError CLOUD_INIT_INVALID when user-data starts with no header that cloud-init knows (it
 * would ignore it), there is no instance-id, or `at` leads out of its folder.
 */
export function cloudInitFiles(seed: CloudInitSeed): SeedFile[] {
  const folder = folderOf(seed.at ?? "");
  const userData = typeof seed.userData === "string" ? encode(seed.userData) : seed.userData;
  checkUserData(userData);
  const file = (name: string, content: Uint8Array): SeedFile => ({
    path: folder + name,
    content,
    mode: 0o600,
  });
  return [
    file("user-data", userData),
    file("meta-data", encode(metaDataOf(seed))),
    ...(seed.networkConfig === undefined ? [] : [file("network-config", encode(seed.networkConfig))]),
  ];
}

function checkUserData(bytes: Uint8Array): void {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const start = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, 256));
  const first = (start.split("\n", 1)[0] ?? "").trimEnd();
  const isMime = /^(?:Content-Type|MIME-Version):/i.test(first);
  if (isGzip || isMime || first.startsWith("#!") || headers.has(first)) return;
  // Only the comment or nothing is shown: the text may be a secret.
  const shown = first.startsWith("#") ? JSON.stringify(first.slice(0, 40)) : "something else";
  throw invalid(`user-data begins with ${shown}, expected #cloud-config, #! or another header that it knows`);
}

function metaDataOf({ metaData = "", instanceId }: CloudInitSeed): string {
  if (hasInstanceId(metaData)) return metaData;
  if (instanceId === undefined || instanceId === "")
    throw invalid("meta-data has no instance-id and none was given");
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f]/.test(instanceId)) throw invalid("the instance-id holds a control character");
  if (!isJson(metaData)) return yamlWithId(metaData, instanceId);
  const rest = metaData.slice(metaData.indexOf("{") + 1);
  const comma = rest.trimStart().startsWith("}") ? "" : ", ";
  return `{"instance-id": ${JSON.stringify(instanceId)}${comma}${rest}`;
}

/** Behind a document mark and its comments, so that the mark stays the first line. */
function yamlWithId(metaData: string, instanceId: string): string {
  const mark = /^(?:#[^\n]*\n)*---[ \t\r]*\n/.exec(metaData)?.[0] ?? "";
  return `${mark}instance-id: ${yamlScalar(instanceId)}\n${metaData.slice(mark.length)}`;
}

function hasInstanceId(metaData: string): boolean {
  if (isJson(metaData)) return /"instance-id"\s*:/.test(metaData);
  return /^(?:instance-id|"instance-id"|'instance-id')[ \t]*:/m.test(metaData);
}

function isJson(metaData: string): boolean {
  return metaData.trimStart().startsWith("{");
}

/** Plain where YAML reads it as a string for certain, otherwise between quotes (JSON is YAML). */
function yamlScalar(text: string): string {
  const isWord = /^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return /^[A-Za-z][A-Za-z0-9._-]*$/.test(text) && !isWord ? text : JSON.stringify(text);
}

function folderOf(at: string): string {
  const parts = at.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || at.includes("\0"))
    throw invalid(`the folder ${JSON.stringify(at)} leads out of the image`);
  return parts.map((part) => `${part}/`).join("");
}

function invalid(reason: string): BootConfigError {
  return new BootConfigError("CLOUD_INIT_INVALID", `making a cloud-init seed: ${reason}`);
}
