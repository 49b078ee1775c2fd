/** Turn the published Vitessce build into one that works offline and under a strict Content-Security-Policy. */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { patchCodec, patchVega } from "./without-eval.mjs";

/** Where Vitessce imports its Parquet reader from; the import map sends it to ours. */
const PARQUET_URL = "https://cdn.vitessce.io/parquet-wasm@2c23652/esm/parquet_wasm.js";

const CODECS = ["blosc", "lz4", "zstd"];

/** Views that need packages or servers which Vitrina does not have. Each is loaded only when it is shown. */
const NOT_OFFERED = ["ReactNeuroglancer", "higlass", "index-CO_38kOj", "index-CjKdDvZm"]; // the last two need three.js

/** Loaded by those views alone. */
const UNREACHABLE = ["GeometryAndMeshXR", "XREnterButton", "XRSceneComponents", "XRWrapper", "xrStore"];

const REDIRECT = 'export * from "./not-offered.js";\nexport { default } from "./not-offered.js";\n';

/**
 * @param {string} distDir `dist` of the package.
 * @param {string} outDir Folder to write.
 * @returns {Promise<void>}
 */
export async function vendorVitessce(distDir, outDir) {
  await mkdir(outDir, { recursive: true });
  const files = (await readdir(distDir)).filter((file) => file.endsWith(".js"));
  const notOffered = files.filter(isOneOf(NOT_OFFERED));
  const unreachable = files.filter(isOneOf(UNREACHABLE));
  expectCount("modules that are not offered", notOffered.length, NOT_OFFERED.length);
  expectCount("modules that only those load", unreachable.length, UNREACHABLE.length);
  for (const file of notOffered) await writeFile(join(outDir, file), REDIRECT);

  const codecs = [];
  const charts = [];
  let parquetImports = 0;
  for (const file of files) {
    if (notOffered.includes(file) || unreachable.includes(file)) continue;
    const source = await readFile(join(distDir, file), "utf8");
    parquetImports += source.split(PARQUET_URL).length - 1;
    const codec = patchCodec(source);
    if (codec !== null) codecs.push(file);
    const chart = patchVega(source);
    if (chart !== null) charts.push(file);
    const { code } = await transform(codec ?? chart ?? source, {
      legalComments: "inline",
      minifyWhitespace: true,
      target: "es2022",
    });
    await writeFile(join(outDir, file), code);
  }
  expectCount("imports of the Parquet reader", parquetImports, 1);
  expectCount(`patched codecs (${codecs.join(", ")})`, codecs.filter(isOneOf(CODECS)).length, CODECS.length);
  expectCount("patched modules with embind", codecs.length, CODECS.length);
  expectCount("patched modules with Vega", charts.length, 1);
}

/** Vitessce's modules are called `name-HASH.js`. */
function isOneOf(names) {
  return (file) => names.some((name) => file.startsWith(`${name}-`) || file === `${name}.js`);
}

function expectCount(what, found, expected) {
  if (found !== expected) {
    throw new Error(`Vitessce is not the build we know: found ${found} ${what}, expected ${expected}.`);
  }
}
