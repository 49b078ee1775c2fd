/**
 * Let Vitessce run without `'unsafe-eval'`: two of its parts compile text to functions.
 *
 * Its blosc, lz4 and zstd decompressors are made by Emscripten, whose binding layer (embind) builds the JavaScript
 * function around each exported C++ function from text. We replace the one call that compiles the text by a closure
 * that does what the text says.
 *
 * Its charts are drawn by Vega, which compiles the expressions of a chart, or interprets them when it is told to. We
 * tell it to.
 *
 * Source: https://emscripten.org/docs/porting/connecting_cpp_and_javascript/embind.html,
 * https://vega.github.io/vega/usage/interpreter/
 */

/** embind's `newFunc(Function, names)`, minified: the only place that compiles text. */
const COMPILER = /function (\w+)\(\w\) \{\s+var I = Function;\s+if \(!\(I instanceof Function\)\)/;

/**
 * Names are the parameters of embind's text, the last entry is the text itself; values are the arguments. The text only
 * tells two things that the names do not: whether temporaries are freed by `runDestructors`, and whether the function
 * returns something.
 */
const INVOKER = `
function vitrinaInvoker(names, values) {
  const text = names[names.length - 1];
  const bound = Object.fromEntries(names.slice(0, -1).map((name, index) => [name, values[index]]));
  if (text.includes("thisWired")) throw new Error("Methods are not supported by this build of embind.");
  const argTypes = names.filter((name) => /^argType\\d+$/.test(name)).map((name) => bound[name]);
  const frees = text.includes("runDestructors(destructors)");
  const returns = text.includes("retType['fromWireType'](rv)");
  return function (...args) {
    if (args.length !== argTypes.length) {
      bound.throwBindingError("called with " + args.length + " arguments, expected " + argTypes.length);
    }
    const destructors = frees ? [] : null;
    const wired = argTypes.map((type, index) => type.toWireType(destructors, args[index]));
    const result = bound.invoker(bound.fn, ...wired);
    if (frees) bound.runDestructors(destructors);
    else wired.forEach((value, index) => bound["arg" + index + "Wired_dtor"]?.(value));
    return returns ? bound.retType.fromWireType(result) : undefined;
  };
}
`;

/**
 * @param {string} source Text of one module of the Vitessce build.
 * @returns {string | null} The patched text, or null when the module compiles no text in this way.
 */
export function patchCodec(source) {
  const compiler = COMPILER.exec(source)?.[1];
  if (compiler === undefined) return null;
  const call = new RegExp(`= ${compiler}\\((\\w+)\\)(?:\\(\\.\\.\\.(\\w+)\\)|\\.apply\\(null, (\\w+)\\))`, "g");
  const count = source.match(call)?.length ?? 0;
  if (count !== 1) throw new Error(`Found ${count} calls of embind's function compiler, expected exactly 1.`);
  return (
    source.replace(call, (_, names, spread, applied) => `= vitrinaInvoker(${names}, ${spread ?? applied})`) + INVOKER
  );
}

/** vega-embed: `ast = options.ast, runtime = vega.parse(spec, config, { ast })`, minified. */
const VEGA_EMBED = /= \w+\.ast(?=, \w+ = \w+\.parse\()/g;

/**
 * @param {string} source Text of one module of the Vitessce build.
 * @returns {string | null} The text with Vega's interpreter switched on, or null when Vega is not in it.
 */
export function patchVega(source) {
  const count = source.match(VEGA_EMBED)?.length ?? 0;
  if (count === 0) return null;
  if (count !== 1) throw new Error(`Found ${count} places where vega-embed parses a chart, expected exactly 1.`);
  return source.replace(VEGA_EMBED, "= true");
}
