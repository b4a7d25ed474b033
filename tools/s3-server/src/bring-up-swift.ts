import { mkdirSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { freePorts } from "@bootstamp/witnesses";
import { answers } from "./answers.ts";
import type { Daemons } from "./daemons.ts";
import type { GatewayFacts } from "./gateway-facts.ts";

const account = "test";
const user = "tester";
const secretAccessKey = "swift-secret-key";

/** Starts Swift's three stores and its proxy, which speaks S3, and returns when it answers. */
export async function bringUpSwift(folder: string, daemons: Daemons): Promise<GatewayFacts> {
  for (const name of ["devices/d1", "cache"]) mkdirSync(join(folder, name), { recursive: true });
  const [proxyPort = 0, ...storePorts] = await freePorts(1 + stores.length);
  const ports = stores.map((store, index): [string, number] => [store, storePorts[index] ?? 0]);
  await daemons.run("/usr/bin/python3", ["-P", "-c", ringMaker, folder, JSON.stringify(ports)]);
  const failures: Promise<never>[] = [];
  const start = (name: string, configuration: string): void => {
    const path = join(folder, `${name}-server.conf`);
    writeFileSync(path, configuration);
    failures.push(daemons.start(`swift-${name}-server`, [path]).failed);
  };
  for (const [store, port] of ports) start(store, storeConfiguration(folder, store, port));
  start("proxy", proxyConfiguration(folder, proxyPort));
  const urls = [proxyPort, ...storePorts].map((port) => `http://127.0.0.1:${port}/healthcheck`);
  await Promise.race([Promise.all(urls.map(answers)), ...failures]);
  const endpoint = `http://127.0.0.1:${proxyPort}`;
  return { endpoint, folder, accessKeyId: `${account}:${user}`, secretAccessKey };
}

const stores = ["account", "container", "object"] as const;

/** Says where everything is: one copy, on one device. One process in place of nine of swift-ring-builder. */
const ringMaker = `
import json, os, sys
from swift.common.ring import RingBuilder
folder, ports = sys.argv[1], json.loads(sys.argv[2])
for index, (name, port) in enumerate(ports):
    ring = RingBuilder(4, 1, 0)
    ring.add_dev(dict(id=0, region=1, zone=1, weight=1.0, ip="127.0.0.1", port=port, device="d1"))
    ring.rebalance(seed=1)
    ring.get_ring().save(os.path.join(folder, name + ".ring.gz"))
`;

/** `workers = 0`: no child that would outlive its parent. */
function common(folder: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${userInfo().username}
swift_dir = ${folder}
log_level = ERROR
`;
}

function storeConfiguration(folder: string, store: string, port: number): string {
  return `${common(folder, port)}
devices = ${join(folder, "devices")}
mount_check = false
recon_cache_path = ${join(folder, "cache")}
disable_fallocate = true
[pipeline:main]
pipeline = healthcheck ${store}-server
[filter:healthcheck]
use = egg:swift#healthcheck
[app:${store}-server]
use = egg:swift#${store}
`;
}

function proxyConfiguration(folder: string, port: number): string {
  const filters = ["catch_errors", "gatekeeper", "healthcheck", "cache", "listing_formats", "bulk", "s3api"];
  const inner = ["tempauth", "copy", "slo", "dlo", "symlink"];
  const settings: Readonly<Record<string, string>> = {
    // Nobody is there, which is soon found out.
    cache: "use = egg:swift#memcache\nmemcache_servers = 127.0.0.1:1",
    s3api: "s3_acl = false\ncheck_bucket_owner = false\nauth_pipeline_check = false\nlocation = us-east-1",
    tempauth: `user_${account}_${user} = ${secretAccessKey} .admin`,
    slo: "rate_limit_after_segment = 1000000",
  };
  const sections = [...filters, ...inner].map((name) => {
    const use = name === "cache" ? "" : `use = egg:swift#${name}\n`;
    return `[filter:${name}]\n${use}${settings[name] ?? ""}\n`;
  });
  return `${common(folder, port)}
[pipeline:main]
pipeline = ${[...filters, ...inner].join(" ")} proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
${sections.join("")}`;
}
