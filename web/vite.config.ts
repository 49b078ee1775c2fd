import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    outDir: "../src/vitrina/server/assets/hub",
    emptyOutDir: true,
    assetsInlineLimit: 0, // nothing inline: the policy of the hub's pages allows files of its own only
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  server: {
    proxy: Object.fromEntries(["/api", "/data", "/zarr", "/viewer"].map((path) => [path, "http://127.0.0.1:8765"])),
  },
  test: {
    alias: { vitessce: fileURLToPath(new URL("viewer/testing/vitessce.tsx", import.meta.url)) },
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}", "viewer/**/*.test.{ts,tsx}", "scripts/**/*.test.{ts,mjs}"],
    restoreMocks: true,
    setupFiles: ["./vitest.setup.ts"],
    unstubGlobals: true,
  },
});
