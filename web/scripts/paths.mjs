/** Where the build reads and writes. */
import { fileURLToPath } from "node:url";

const at = (relative) => fileURLToPath(new URL(relative, import.meta.url));

export const WEB_DIR = at("..");
export const BUILD_DIR = at("../build");
export const VIEWER_SOURCE_DIR = at("../viewer");
export const ASSETS_DIR = at("../../src/vitrina/server/assets");
export const VIEWER_ASSETS_DIR = at("../../src/vitrina/server/assets/viewer");
