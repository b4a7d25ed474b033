import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "@bootstamp/witnesses";

/** An authority, and what a server and a client of it have, in folders as libnbd and qemu read them. */
export interface Certificates {
  readonly folder: string;
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** Makes them by openssl for `localhost`, good for a day. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  await mkdir(folder, { recursive: true });
  const openssl = async (...args: string[]): Promise<string> => run("openssl", args, { cwd: folder });
  await openssl(
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=authority".split(" "),
    "-keyout",
    "ca-key.pem",
    "-out",
    "ca-cert.pem",
  );
  await writeFile(join(folder, "server.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  await writeFile(join(folder, "client.ext"), "extendedKeyUsage=clientAuth\n");
  for (const who of ["server", "client"]) {
    const subject = `/CN=${who === "server" ? "localhost" : "somebody"}`;
    await openssl(
      ..."req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(" "),
      "-subj",
      subject,
      "-keyout",
      `${who}-key.pem`,
      "-out",
      `${who}.csr`,
    );
    await openssl(
      ..."x509 -req -days 1 -CA ca-cert.pem -CAkey ca-key.pem -CAcreateserial".split(" "),
      "-in",
      `${who}.csr`,
      "-extfile",
      `${who}.ext`,
      "-out",
      `${who}-cert.pem`,
    );
  }
  const text = async (name: string): Promise<string> => readFile(join(folder, name), "utf8");
  return {
    folder,
    authority: await text("ca-cert.pem"),
    certificate: await text("server-cert.pem"),
    key: await text("server-key.pem"),
    clientCertificate: await text("client-cert.pem"),
    clientKey: await text("client-key.pem"),
  };
}
