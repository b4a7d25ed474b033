import { startGateway, type Gateway } from "@bootstamp/s3-server";
import { openStore, type Store, type StoreOptions } from "@bootstamp/publish";

/** A gateway whose credentials this process has, and stores in it. */
export interface TestGateway {
  readonly gateway: Gateway;
  /** Opens a store in a bucket of its own. */
  newStore(options?: Partial<StoreOptions>): Promise<Store>;
  stop(): Promise<void>;
}

let bucketCount = 0;

export async function startTestGateway(start: () => Promise<Gateway> = startGateway): Promise<TestGateway> {
  const gateway = await start();
  process.env["AWS_ACCESS_KEY_ID"] = gateway.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = gateway.secretAccessKey;
  const stores: Store[] = [];
  return {
    gateway,
    newStore: async (options = {}) => {
      const bucket = options.bucket ?? `bucket-${++bucketCount}`;
      const direct = await openStore({ bucket, endpoint: gateway.endpoint });
      await direct.client.send(new direct.sdk.CreateBucketCommand({ Bucket: bucket }));
      direct.close();
      const store = await openStore({ bucket, endpoint: gateway.endpoint, ...options });
      stores.push(store);
      return store;
    },
    stop: async () => {
      for (const store of stores) store.close();
      await gateway.stop();
    },
  };
}

/** The bytes of an object, by its whole key. */
export async function bytesOf({ client, sdk, settings }: Store, key: string): Promise<Uint8Array> {
  const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: settings.bucket, Key: key }));
  if (Body === undefined) throw new Error(`no bytes of ${key}`);
  return await Body.transformToByteArray();
}

/** Whole keys of everything in the bucket, and of all uploads under way. */
export async function contentsOf({
  client,
  sdk,
  settings,
}: Store): Promise<{ keys: string[]; uploads: string[] }> {
  const Bucket = settings.bucket;
  const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket }));
  const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket }));
  return { keys: Contents.map(({ Key = "" }) => Key), uploads: Uploads.map(({ Key = "" }) => Key) };
}

/** Removes every object of the bucket but one. */
export async function removeAll(store: Store, but: string): Promise<void> {
  const { client, sdk, settings } = store;
  const { keys } = await contentsOf(store);
  const removed = keys.filter((key) => key !== but);
  await Promise.all(
    removed.map((Key) => client.send(new sdk.DeleteObjectCommand({ Bucket: settings.bucket, Key }))),
  );
}
