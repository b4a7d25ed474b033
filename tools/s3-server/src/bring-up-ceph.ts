import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "@bootstamp/witnesses";
import { answers } from "./answers.ts";
import type { Daemons } from "./daemons.ts";
import type { GatewayFacts } from "./gateway-facts.ts";

const accessKeyId = "gateway-access-key";
const secretAccessKey = "gateway-secret-key";

/** Starts a monitor, one store in memory and the gateway, and returns when it answers. */
export async function bringUpCeph(folder: string, daemons: Daemons): Promise<GatewayFacts> {
  for (const name of ["mon", "osd", "rgw", "run"]) mkdirSync(join(folder, name));
  const [monitorPort = 0, port = 0] = await freePorts(2);
  const cluster = randomUUID();
  const configuration = join(folder, "ceph.conf");
  writeFileSync(configuration, configurationText({ folder, cluster, monitorPort, port }));
  const common = ["--conf", configuration];
  await makeKeys(join(folder, "keyring"), daemons);
  await startMonitor(folder, cluster, monitorPort, common, daemons);
  const store = randomUUID();
  await daemons.run("ceph", [...common, "--connect-timeout", "30", "osd", "new", store]);
  await daemons.run("ceph-osd", [...common, "--id", "0", "--mkfs", "--osd-uuid", store]);
  daemons.start("ceph-osd", [...common, "--id", "0", "--foreground"]);
  const user = ["--uid=tester", "--display-name=tester", `--access-key=${accessKeyId}`];
  const admin = [...common, "--name", "client.rgw"];
  await daemons.run("radosgw-admin", [...admin, "user", "create", ...user, `--secret=${secretAccessKey}`]);
  const { failed } = daemons.start("radosgw", [...admin, "--foreground"]);
  const endpoint = `http://127.0.0.1:${port}`;
  await Promise.race([answers(endpoint), failed]);
  return { endpoint, folder, accessKeyId, secretAccessKey };
}

interface Places {
  readonly folder: string;
  readonly cluster: string;
  readonly monitorPort: number;
  readonly port: number;
}

/** One copy of everything, no manager, nothing outside the folder. Option names are those of Ceph 16. */
function configurationText({ folder, cluster, monitorPort, port }: Places): string {
  const lines = {
    fsid: cluster,
    "mon host": `v2:127.0.0.1:${monitorPort}/0`,
    "mon initial members": "a",
    "public addr": "127.0.0.1",
    "cluster addr": "127.0.0.1",
    keyring: join(folder, "keyring"),
    "run dir": join(folder, "run"),
    "admin socket": "",
    "pid file": "",
    "log file": "",
    "log to stderr": "false",
    "mon cluster log file": "/dev/null",
    "mon data": join(folder, "mon"),
    "mon data avail crit": "1",
    "mon allow pool size one": "true",
    "auth allow insecure global id reclaim": "false",
    "osd data": join(folder, "osd"),
    "osd objectstore": "memstore",
    "memstore device bytes": String(6 * 2 ** 30),
    "osd pool default size": "1",
    "osd pool default min size": "1",
    "osd pool default pg num": "1",
    "osd pool default pgp num": "1",
    "osd pool default pg autoscale mode": "off",
    "osd crush chooseleaf type": "0",
    "mon max pg per osd": "1000",
    "rgw data": join(folder, "rgw"),
    "rgw frontends": `beast endpoint=127.0.0.1:${port}`,
    "rgw run sync thread": "false",
    // Else what was deleted stays in memory for two hours.
    "rgw gc obj min wait": "1",
    "rgw gc processor period": "5",
  };
  const entries = Object.entries(lines).map(([name, value]) => `${name} = ${value}`);
  return `[global]\n${entries.join("\n")}\n`;
}

/** With keys although nobody else can connect: a gateway without them waits for a monitor for ever. */
async function makeKeys(keyring: string, daemons: Daemons): Promise<void> {
  const capabilities = {
    "mon.": ["mon", "allow *"],
    "client.admin": ["mon", "allow *", "osd", "allow *"],
    "client.rgw": ["mon", "allow *", "osd", "allow *"],
    "osd.0": ["mon", "allow profile osd", "osd", "allow *"],
  };
  let create = ["--create-keyring"];
  for (const [name, [...words]] of Object.entries(capabilities)) {
    const caps = words.flatMap((word, index) => (index % 2 === 0 ? ["--cap", word] : [word]));
    await daemons.run("ceph-authtool", [keyring, ...create, "--gen-key", "--name", name, ...caps]);
    create = [];
  }
}

async function startMonitor(
  folder: string,
  cluster: string,
  port: number,
  common: readonly string[],
  daemons: Daemons,
): Promise<void> {
  const map = join(folder, "monmap");
  const address = ["--addv", "a", `[v2:127.0.0.1:${port}]`];
  await daemons.run("monmaptool", ["--create", "--fsid", cluster, ...address, map]);
  const keyring = join(folder, "keyring");
  const make = ["--id", "a", "--mkfs", "--monmap", map, "--keyring", keyring];
  await daemons.run("ceph-mon", [...common, ...make]);
  daemons.start("ceph-mon", [...common, "--id", "a", "--foreground"]);
}
