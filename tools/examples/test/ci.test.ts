// The workflows of CI systems and clusters, parsed and their commands run: each release is what one build makes.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requires } from "@bootstamp/witnesses";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { openEmptyBucket, type EmptyBucket } from "../src/empty-bucket.ts";
import { examplePath, exampleText } from "../src/example.ts";
import { runWorkflow } from "../src/github/run-workflow.ts";
import type { Workflow } from "../src/github/workflow.ts";
import { makeMachine, type Machine } from "../src/machine.ts";
import { runKubernetesJob, type KubernetesJob } from "../src/run-kubernetes-job.ts";
import { parsePipeline, runPipeline } from "../src/run-pipeline.ts";
import { raspberryPiImage } from "../src/stand-ins.ts";

vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 600_000 });

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

const credentials = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "key" };
const region = { AWS_REGION: "us-east-1" };

describe("fan-out", requires("curl", "sha256sum"), () => {
  test("GitHub Actions: prepare, a matrix of shards, collect, and what would be published", async () => {
    const workflow: Workflow = parse(exampleText("github-actions", "images.yml"));
    const folder = scratch("github");
    const storage = { repository, artifacts: join(folder, "artifacts"), caches: join(folder, "caches") };
    const contexts = {
      github: { ref: "refs/pull/1/merge", sha: "0123" },
      vars: { BASE_URL: `file://${base}`, S3_BUCKET: "images", ...region },
      secrets: { ...secrets, ...credentials },
    };
    const environment = { AWS_ENDPOINT_URL: bucket.url };
    const site = { machine, storage, scratch: folder, contexts, environment };
    const folders = await runWorkflow(workflow, site);
    expect(folders["build"]).toHaveLength(3);
    await checkRelease(join(folders["release"]?.[0] ?? "", "release"));
    // Nobody but the job itself sees the other variants' secrets.
    expect(readdirSync(storage.artifacts).toSorted()).toEqual(["bases", "shard-0", "shard-1", "shard-2"]);
    expect(readdirSync(join(storage.artifacts, "shard-0"))).not.toContain(".bootstamp");
    expect(bucket.requests.filter((line) => /^HEAD \/images\/.*\/pi-0012\.img\.xz$/.test(line))).toHaveLength(
      1,
    );
    expect(bucket.requests.filter((line) => !/^(HEAD|GET) /.test(line))).toEqual([]);
  });

  test("GitLab: parallel jobs that know their shard", async () => {
    const pipeline = parsePipeline(exampleText("gitlab", ".gitlab-ci.yml"));
    const variables = {
      ...secrets,
      ...credentials,
      ...region,
      AWS_ENDPOINT_URL: bucket.url,
      BASE_URL: `file://${base}`,
      S3_BUCKET: "images",
      CI_COMMIT_BRANCH: "topic",
      CI_DEFAULT_BRANCH: "main",
    };
    const folders = await runPipeline(pipeline, {
      machine,
      repository,
      scratch: scratch("gitlab"),
      variables,
    });
    expect(folders["images"]).toHaveLength(2);
    await checkRelease(join(folders["release"]?.[0] ?? "", "release"));
    const fetched = join(folders["release"]?.[0] ?? "", "shards");
    const files = readdirSync(fetched, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter(({ parentPath }) => parentPath.includes(".bootstamp"))).toEqual([]);
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
