/** Build the offline viewer into the server's assets: `npm run build:viewer`. */
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { writeLicences } from "./licences.mjs";
import { BUILD_DIR, VIEWER_ASSETS_DIR, VIEWER_SOURCE_DIR } from "./paths.mjs";
import { REACT_MODULES, reactEntries } from "./react-modules.mjs";
import { vendorVitessce } from "./vendor-vitessce.mjs";
import { getVitessce } from "./vitessce-package.mjs";

const require = createRequire(import.meta.url);

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
    outdir: join(VIEWER_ASSETS_DIR, "react"),
    plugins: [reactEntries],
    splitting: true,
  });
}

async function buildParquet() {
  await build({
    ...SHARED_OPTIONS,
    entryPoints: [join(VIEWER_SOURCE_DIR, "parquet/parquet.ts")],
    outdir: join(VIEWER_ASSETS_DIR, "parquet"),
  });
  const wasm = require.resolve("parquet-wasm/esm/parquet_wasm_bg.wasm");
  await copyFile(wasm, join(VIEWER_ASSETS_DIR, "parquet/parquet_wasm_bg.wasm"));
}

async function buildPage() {
  const external = [...Object.values(REACT_MODULES), "vitessce"];
  const source = (path) => join(VIEWER_SOURCE_DIR, path);
  await build({ ...SHARED_OPTIONS, entryPoints: [source("src/main.tsx")], external, outdir: VIEWER_ASSETS_DIR });
  await build({
    ...SHARED_OPTIONS,
    entryPoints: [source("src/not-offered.tsx")],
    external,
    outdir: join(VIEWER_ASSETS_DIR, "vitessce"),
  });
  const page = await readFile(source("index.html"), "utf8");
  await writeFile(join(VIEWER_ASSETS_DIR, "index.html"), page);
  await writeFile(join(VIEWER_ASSETS_DIR, "importmap.sha256"), `${hashImportMap(page)}\n`);
}

/** The CSP source expression that allows the page's import map. Source: https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashImportMap(page) {
  const map = /<script type="importmap">([^]*?)<\/script>/.exec(page)?.[1];
  if (map === undefined) throw new Error("viewer/index.html has no import map.");
  return `sha256-${createHash("sha256").update(map).digest("base64")}`;
}

await rm(VIEWER_ASSETS_DIR, { recursive: true, force: true });
await mkdir(VIEWER_ASSETS_DIR, { recursive: true });
const vitessceDir = await getVitessce(BUILD_DIR);
await vendorVitessce(join(vitessceDir, "dist"), join(VIEWER_ASSETS_DIR, "vitessce"));
await buildReact();
await buildParquet();
await buildPage();
await writeLicences(join(VIEWER_ASSETS_DIR, "THIRD-PARTY-LICENSES.txt"), [vitessceDir]);
