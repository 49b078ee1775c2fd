/**
 * React as modules with named exports.
 *
 * React is published as CommonJS only, while Vitessce imports names from it; so each module gets an entry that spells
 * its names out.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** File name in the assets to module name. */
export const REACT_MODULES = {
  react: "react",
  "react-dom": "react-dom",
  "react-dom-client": "react-dom/client",
  "react-jsx-runtime": "react/jsx-runtime",
};

/** Names do not differ between React's development and production builds, so whichever Node loads here will do. */
function buildEntry(moduleName) {
  const names = Object.keys(require(moduleName)).filter(
    (name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default",
  );
  return `import module from "${moduleName}";\nexport default module;\nexport const { ${names.join(", ")} } = module;\n`;
}

/** esbuild plugin that provides the entries. */
export const reactEntries = {
  name: "react-entries",
  setup(build) {
    build.onResolve({ filter: /.*/ }, ({ kind, path }) =>
      kind === "entry-point" ? { path, namespace: "react-entry" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "react-entry" }, ({ path }) => ({
      contents: buildEntry(REACT_MODULES[path]),
      resolveDir: import.meta.dirname,
    }));
  },
};
