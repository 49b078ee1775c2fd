/**
 * Get the published build of Vitessce.
 *
 * `npm install vitessce` needs a git dependency that only its sources use; the tarball on the registry is complete, so
 * we take that, and trust it by its digest.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const VITESSCE_VERSION = "4.0.8";

/** `dist.integrity` of vitessce 4.0.8. Source: https://registry.npmjs.org/vitessce/4.0.8 */
const VITESSCE_INTEGRITY =
  "sha512-poZpP41oTXtMib0/eKXp0lyAJwCeW0gAPwATFao24yJESsLG2nu1dDRoPxaiuF2/f/H0zEwxHUgKCOgGjRKAfQ==";

/**
 * Download (once), verify and unpack the package.
 *
 * @param {string} cacheDir Folder that keeps the tarball between builds.
 * @returns {Promise<string>} Folder of the unpacked package.
 */
export async function getVitessce(cacheDir) {
  await mkdir(cacheDir, { recursive: true });
  const tarball = join(cacheDir, `vitessce-${VITESSCE_VERSION}.tgz`);
  if (!existsSync(tarball)) {
    await run("npm", ["pack", `vitessce@${VITESSCE_VERSION}`, "--pack-destination", cacheDir, "--ignore-scripts"]);
  }
  const found = `sha512-${createHash("sha512")
    .update(await readFile(tarball))
    .digest("base64")}`;
  if (found !== VITESSCE_INTEGRITY) {
    await rm(tarball);
    throw new Error(`${tarball} is not vitessce ${VITESSCE_VERSION}: found ${found}, expected ${VITESSCE_INTEGRITY}.`);
  }
  const packageDir = join(cacheDir, "package");
  await rm(packageDir, { recursive: true, force: true });
  await run("tar", ["-xzf", tarball, "-C", cacheDir]);
  return packageDir;
}
