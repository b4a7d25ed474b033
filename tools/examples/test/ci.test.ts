// The workflows of CI systems and clusters, parsed and their commands run: each release is what one build makes.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gatewayTools, startGateway, type Gateway } from "@bootstamp/s3-server";
import { requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { openEmptyBucket, type EmptyBucket } from "../src/empty-bucket.ts";
import { examplePath, exampleText } from "../src/example.ts";
import type { Storage } from "../src/github/actions.ts";
import { runWorkflow } from "../src/github/run-workflow.ts";
import type { Workflow } from "../src/github/workflow.ts";
import { makeMachine, type Machine } from "../src/machine.ts";
import { runKubernetesJob, type KubernetesJob } from "../src/run-kubernetes-job.ts";
import { parsePipeline, runPipeline } from "../src/run-pipeline.ts";
import { makeBucket, type S3Account, type S3Bucket } from "../src/s3-bucket.ts";
import { raspberryPiImage } from "../src/stand-ins.ts";

const secrets = { WIFI_PSK: "correct horse" };
const root = mkdtempSync(join(tmpdir(), "bootstamp-ci-"));

let machine: Machine;
let bucket: EmptyBucket;
/** A repository with the Raspberry Pi fleet, and the base that its jobs fetch. */
let repository = "";
let base = "";
/** The manifest and the checksums that one build of it makes. */
let whole: readonly string[] = [];

beforeAll(async () => {
  machine = makeMachine(root);
  bucket = await openEmptyBucket();
  repository = join(root, "repository");
  cpSync(examplePath("raspberry-pi"), repository, { recursive: true });
  base = join(root, "raspios.img");
  await raspberryPiImage(base);
  const alone = join(root, "alone");
  cpSync(repository, alone, { recursive: true });
  cpSync(base, join(alone, "raspios.img"));
  await machine.command(["bootstamp", "build", "fleet.yaml"], alone, secrets);
  whole = recordsIn(join(alone, "out"));
});

afterAll(() => {
  bucket.close();
  rmSync(root, { recursive: true });
});

function recordsIn(folder: string): readonly string[] {
  return ["manifest.json", "SHA256SUMS"].map((name) => readFileSync(join(folder, name), "utf8"));
}

async function checkRelease(folder: string): Promise<void> {
  expect(recordsIn(folder)).toEqual(whole);
  await machine.command(["sha256sum", "--check", "--strict", "SHA256SUMS"], folder);
}

function scratch(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  return folder;
}

function credentialsOf({ accessKeyId, secretAccessKey }: S3Account): Record<string, string> {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}

const region = { AWS_REGION: "us-east-1" };

/** Who reads, and finds nothing. */
function reader(): S3Account {
  return { endpoint: bucket.url, accessKeyId: "id", secretAccessKey: "key" };
}

interface WorkflowRun {
  readonly folders: Readonly<Record<string, readonly string[]>>;
  readonly storage: Storage;
}

/** The bucket is named as the folder. */
async function runGitHub(name: string, ref: string, account: S3Account): Promise<WorkflowRun> {
  const workflow: Workflow = parse(exampleText("github-actions", "images.yml"));
  const folder = scratch(name);
  const storage = { repository, artifacts: join(folder, "artifacts"), caches: join(folder, "caches") };
  const contexts = {
    github: { ref, sha: "0123" },
    vars: { BASE_URL: `file://${base}`, S3_BUCKET: name, ...region },
    secrets: { ...secrets, ...credentialsOf(account) },
  };
  const environment = { AWS_ENDPOINT_URL: account.endpoint };
  const site = { machine, storage, scratch: folder, contexts, environment };
  return { folders: await runWorkflow(workflow, site), storage };
}

async function runGitLab(
  text: string,
  name: string,
  variables: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const all = { ...secrets, BASE_URL: `file://${base}`, S3_BUCKET: name, ...region, ...variables };
  const site = { machine, repository, scratch: scratch(name), variables: all };
  return await runPipeline(parsePipeline(text), site);
}

function branchOf(name: string, account: S3Account): Record<string, string> {
  const AWS_ENDPOINT_URL = account.endpoint;
  return {
    ...credentialsOf(account),
    AWS_ENDPOINT_URL,
    CI_COMMIT_BRANCH: name,
    CI_DEFAULT_BRANCH: "main",
  };
}

function releaseIn({ release }: Readonly<Record<string, readonly string[]>>): string {
  return join(release?.[0] ?? "", "release");
}

/** The SHA-256 of every file of a release, by name. */
function filesIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  const digests = files.map(({ name }) => [name, sha256(readFileSync(join(folder, name)))]);
  return Object.fromEntries(digests);
}

/** The same of all objects of the release that latest.json names. */
async function latestIn(objects: S3Bucket): Promise<Record<string, string>> {
  const { release }: { release: string } = JSON.parse((await objects.bytesOf("latest.json")).toString());
  const files: Record<string, string> = {};
  for (const key of await objects.keys())
    if (key.startsWith(`${release}/`))
      files[key.slice(release.length + 1)] = sha256(await objects.bytesOf(key));
  return files;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("fan-out", requires("curl", "sha256sum"), () => {
  test("GitHub Actions: prepare, a matrix of shards, collect, and what would be published", async () => {
    const { folders, storage } = await runGitHub("github", "refs/pull/1/merge", reader());
    expect(folders["build"]).toHaveLength(3);
    await checkRelease(releaseIn(folders));
    // Nobody but the job itself sees the other variants' secrets.
    expect(readdirSync(storage.artifacts).toSorted()).toEqual(["bases", "shard-0", "shard-1", "shard-2"]);
    expect(readdirSync(join(storage.artifacts, "shard-0"))).not.toContain(".bootstamp");
    expect(bucket.requests.filter((line) => /^HEAD \/github\/.*\/pi-0012\.img\.xz$/.test(line))).toHaveLength(
      1,
    );
    expect(bucket.requests.filter((line) => !/^(HEAD|GET) /.test(line))).toEqual([]);
  });

  test("GitLab: parallel jobs that know their shard", async () => {
    const text = exampleText("gitlab", ".gitlab-ci.yml");
    const folders = await runGitLab(text, "gitlab", branchOf("topic", reader()));
    expect(folders["images"]).toHaveLength(2);
    await checkRelease(releaseIn(folders));
    const fetched = join(folders["release"]?.[0] ?? "", "shards");
    const files = readdirSync(fetched, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter(({ parentPath }) => parentPath.includes(".bootstamp"))).toEqual([]);
  });

  test("GitLab: what `matrix` prints is YAML that a pipeline's job extends", async () => {
    const words = ["bootstamp", "matrix", "fleet.yaml", "--for", "gitlab", "--shards", "2"];
    const line = await machine.command(words, repository);
    const text = `
default:
  before_script: [curl --fail --silent --output raspios.img "$BASE_URL"]
images:
  extends: .bootstamp
  script: [npx bootstamp build fleet.yaml --shard "$SHARD" -o "shards/$CI_NODE_INDEX"]
  artifacts: { paths: [shards], exclude: ["shards/*/.bootstamp/**/*"] }
release:
  needs: [images]
  script: [npx bootstamp collect shards/* -o release]
${line}`;
    const folders = await runGitLab(text, "gitlab-matrix", {});
    expect(folders["images"]).toHaveLength(2);
    await checkRelease(releaseIn(folders));
  });

  test("Kubernetes: an indexed Job between two others, on one volume", async () => {
    const documents = parseAllDocuments(exampleText("kubernetes", "images.yaml"));
    const jobs = documents.map((document): KubernetesJob => document.toJS());
    expect(jobs.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual(
      Array(3).fill("batch/v1 Job"),
    );
    const volume = scratch("volume");
    cpSync(repository, volume, { recursive: true });
    cpSync(base, join(volume, "raspios.img"));
    for (const job of jobs) await runKubernetesJob(job, { machine, volume, secret: secrets });
    await checkRelease(join(volume, "release"));
  });
});

describe("on the main branch", requires("curl", "sha256sum", ...gatewayTools), () => {
  let gateway: Gateway;
  beforeAll(async () => void (gateway = await startGateway()));
  afterAll(async () => await gateway?.stop());

  test("GitHub Actions publishes the release", async () => {
    const objects = await makeBucket(gateway, "github-main");
    const { folders } = await runGitHub("github-main", "refs/heads/main", gateway);
    await checkRelease(releaseIn(folders));
    expect(await latestIn(objects)).toEqual(filesIn(releaseIn(folders)));
  });

  test("GitLab publishes the release", async () => {
    const objects = await makeBucket(gateway, "gitlab-main");
    const text = exampleText("gitlab", ".gitlab-ci.yml");
    const folders = await runGitLab(text, "gitlab-main", branchOf("main", gateway));
    await checkRelease(releaseIn(folders));
    expect(await latestIn(objects)).toEqual(filesIn(releaseIn(folders)));
  });
});
