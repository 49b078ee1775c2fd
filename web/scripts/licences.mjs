/** Collect the licences of everything that the assets contain. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { WEB_DIR } from "./paths.mjs";

const LICENCE_FILE = /^(licen[cs]e|notice|copying)/i;

/**
 * The packages that are not only development tools, from the lock file.
 *
 * @returns {Promise<string[]>} Their folders.
 */
async function findPackages() {
  const lock = JSON.parse(await readFile(join(WEB_DIR, "package-lock.json"), "utf8"));
  return Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path.startsWith("node_modules/") && !dev && !optional)
    .map(([path]) => join(WEB_DIR, path));
}

async function describePackage(dir) {
  const { name, version, license } = JSON.parse(await readFile(join(dir, "package.json"), "utf8"));
  const files = (await readdir(dir)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(dir, file), "utf8")));
  if (!license) throw new Error(`${name} names no licence.`);
  const body = texts.length > 0 ? texts.map((text) => text.trim()).join("\n\n") : `(the package has no licence file)`;
  return { name, text: `${name} ${version} (${license})\n${"-".repeat(72)}\n${body}\n` };
}

/**
 * Write one text with the licences of the bundled packages.
 *
 * @param {string} path File to write.
 * @param {string[]} otherPackages Folders of packages that the lock file does not name.
 * @returns {Promise<void>}
 */
export async function writeLicences(path, otherPackages) {
  const packages = await Promise.all([...(await findPackages()), ...otherPackages].map(describePackage));
  packages.sort((a, b) => a.name.localeCompare(b.name));
  const head =
    "The web pages of Vitrina contain the packages below, each under its own licence. Vitessce is published as a bundle\n" +
    "that contains further packages; the notices which it preserves are inside its files.\n";
  await writeFile(path, [head, ...packages.map(({ text }) => text)].join(`\n${"=".repeat(72)}\n`));
}
