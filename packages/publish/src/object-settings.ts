import type { PutObjectCommandInput, StorageClass } from "@aws-sdk/client-s3";

/** What a server is told about an object beside its bytes. */
export interface ObjectSettings {
  readonly contentType?: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Such as `STANDARD_IA`; whatever the server knows. */
  readonly storageClass?: string;
  readonly encryption?: "AES256" | "aws:kms" | "aws:kms:dsse";
  /** Of the encryption by KMS. */
  readonly kmsKeyId?: string;
}

type SettingsInput = Pick<
  PutObjectCommandInput,
  | "ContentType"
  | "CacheControl"
  | "ContentDisposition"
  | "Tagging"
  | "StorageClass"
  | "ServerSideEncryption"
  | "SSEKMSKeyId"
>;

/** The settings as parameters of PutObject and CreateMultipartUpload, which have the same. */
export function settingsInput(settings: ObjectSettings = {}): SettingsInput {
  const { contentType, cacheControl, contentDisposition, tags, storageClass, encryption, kmsKeyId } =
    settings;
  return {
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
    ...(contentDisposition === undefined ? {} : { ContentDisposition: contentDisposition }),
    ...(tags === undefined ? {} : { Tagging: taggingOf(tags) }),
    ...(storageClass === undefined ? {} : { StorageClass: storageClassOf(storageClass) }),
    ...(encryption === undefined ? {} : { ServerSideEncryption: encryption }),
    ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
  };
}

/** Spaces as %20: not every server takes a plus sign for one. */
function taggingOf(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join("&");
}

/** The SDK lists Amazon's; other servers have their own, and the SDK sends any text. */
function storageClassOf(name: string): StorageClass {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return name as StorageClass;
}
