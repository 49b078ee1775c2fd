/** Build the offline viewer into the server's assets: `npm run build:viewer`. */
import { createHash } from "node:crypto";
import { copyFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { writeLicences } from "./licences.mjs";
import { BUILD_DIR, VIEWER_ASSETS_DIR, VIEWER_SOURCE_DIR } from "./paths.mjs";
import { REACT_MODULES, reactEntries } from "./react-modules.mjs";
import { vendorVitessce } from "./vendor-vitessce.mjs";
import { getVitessce } from "./vitessce-package.mjs";

const require = createRequire(import.meta.url);

/** What is built, until all of it is there. */
const STAGE_DIR = join(BUILD_DIR, "viewer");

/** Everything but the page itself. */
const APP_DIR = join(STAGE_DIR, "app");

const SHARED_OPTIONS = {
  bundle: true,
  define: { "process.env.NODE_ENV": '"production"' },
  format: "esm",
  jsx: "automatic",
  legalComments: "none", // every licence is in THIRD-PARTY-LICENSES.txt
  logLevel: "warning",
  minify: true,
  target: "es2022",
};

async function buildReact() {
  await build({
    ...SHARED_OPTIONS,
    entryPoints: Object.fromEntries(Object.keys(REACT_MODULES).map((name) => [name, name])),
    outdir: join(APP_DIR, "react"),
    plugins: [reactEntries],
    splitting: true,
  });
}

async function buildParquet() {
  await build({
    ...SHARED_OPTIONS,
    entryPoints: [join(VIEWER_SOURCE_DIR, "parquet/parquet.ts")],
    outdir: join(APP_DIR, "parquet"),
  });
  const wasm = require.resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
  await copyFile(wasm, join(APP_DIR, "parquet/parquet_wasm_bg.wasm"));
}

async function buildPage() {
  const external = [...Object.values(REACT_MODULES), "vitessce"];
  const source = (path) => join(VIEWER_SOURCE_DIR, path);
  await build({ ...SHARED_OPTIONS, entryPoints: [source("src/main.tsx")], external, outdir: APP_DIR });
  await build({
    ...SHARED_OPTIONS,
    entryPoints: [source("src/not-offered.tsx")],
    external,
    outdir: join(APP_DIR, "vitessce"),
  });
}

/** Give the app's folder a name of its own per content, so that a browser never mixes the files of two builds. */
async function nameByContent() {
  const name = `app-${(await hashFolder(APP_DIR)).slice(0, 12)}`;
  await rename(APP_DIR, join(STAGE_DIR, name));
  const page = await readFile(join(VIEWER_SOURCE_DIR, "index.html"), "utf8");
  await writeFile(join(STAGE_DIR, "index.html"), page.replaceAll('"./app/', `"./${name}/`));
}

async function hashFolder(folder) {
  const hash = createHash("sha256");
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(relative(folder, file)).update(await readFile(file));
  return hash.digest("hex");
}

await rm(STAGE_DIR, { recursive: true, force: true });
await mkdir(STAGE_DIR, { recursive: true });
const vitessceDir = await getVitessce(BUILD_DIR);
await vendorVitessce(join(vitessceDir, "dist"), join(APP_DIR, "vitessce"));
await buildReact();
await buildParquet();
await buildPage();
await nameByContent();
await writeLicences(join(STAGE_DIR, "THIRD-PARTY-LICENSES.txt"), [vitessceDir]);
await rm(VIEWER_ASSETS_DIR, { recursive: true, force: true });
await cp(STAGE_DIR, VIEWER_ASSETS_DIR, { recursive: true });
