// @vitest-environment node
import { expect, test } from "vitest";
import { patchCodec, patchVega } from "./without-eval.mjs";

/**
 * A module with embind's shape: `define` builds a function from text and binds it, as `_embind_register_function` does.
 * Unpatched, it is the reference that the patched module must equal.
 */
const MODULE = `
function compile(A) {
    var I = Function;
    if (!(I instanceof Function))
      throw new TypeError("no");
    return I.apply(null, A);
}
function define(argTypes, retType, invoker, fn, { usesDestructors, log }) {
  var names = ["throwBindingError", "invoker", "fn", "runDestructors", "retType", "classParam"];
  var values = [(m) => { throw new Error(m); }, invoker, fn, (d) => { while (d.length) { var p = d.pop(); d.pop()(p); } }, retType, null];
  var args = argTypes.map((_, i) => "arg" + i);
  var text = "return function (" + args.join(", ") + ") {\\nif (arguments.length !== " + args.length +
    ") { throwBindingError('called with ' + arguments.length + ' arguments, expected " + args.length + "'); }\\n";
  if (usesDestructors) text += "var destructors = [];\\n";
  argTypes.forEach((type, i) => {
    names.push("argType" + i); values.push(type);
    text += "var arg" + i + "Wired = argType" + i + "['toWireType'](" + (usesDestructors ? "destructors" : "null") + ", arg" + i + ");\\n";
  });
  text += (retType ? "var rv = " : "") + "invoker(" + ["fn", ...args.map((a) => a + "Wired")].join(", ") + ");\\n";
  if (usesDestructors) text += "runDestructors(destructors);\\n";
  else argTypes.forEach((type, i) => {
    if (type.free) { names.push("arg" + i + "Wired_dtor"); values.push(type.free); text += "arg" + i + "Wired_dtor(arg" + i + "Wired);\\n"; }
  });
  if (retType) text += "var ret = retType['fromWireType'](rv);\\nreturn ret;\\n";
  names.push(text + "}\\n");
  var made = compile(names)(...values);
  return made;
}
return define;
`;

function load(source) {
  return new Function(source)();
}

/** Everything observable of one call: what was invoked, freed and returned. */
function observe(source, { usesDestructors, hasReturn, given }) {
  const log = [];
  const plain = { toWireType: (_, value) => value * 2 };
  const owned = {
    toWireType: (destructors, value) => {
      destructors?.push((pointer) => log.push(["destroy", pointer]), value + 1000);
      return value + 1000;
    },
    free: (pointer) => log.push(["free", pointer]),
  };
  const invoker = (...args) => {
    log.push(["invoke", ...args]);
    return 7;
  };
  const retType = hasReturn ? { fromWireType: (value) => value + 0.5 } : null;
  const call = load(source)([plain, owned], retType, invoker, "pointer", { usesDestructors });
  try {
    log.push(["return", call(...given)]);
  } catch (error) {
    log.push(["throw", error.message]);
  }
  return log;
}

test.each([
  { usesDestructors: false, hasReturn: true, given: [1, 2] },
  { usesDestructors: true, hasReturn: true, given: [1, 2] },
  { usesDestructors: false, hasReturn: false, given: [1, 2] },
  { usesDestructors: true, hasReturn: false, given: [1, 2] },
  { usesDestructors: false, hasReturn: true, given: [1] },
])("a patched module does what the compiled text does: %j", (options) => {
  const patched = patchCodec(MODULE);
  expect(patched).not.toBeNull();
  const expected = observe(MODULE, options);
  expect(expected.length).toBeGreaterThan(0);
  expect(observe(patched, options)).toEqual(expected);
});

test("a patched module compiles no text", () => {
  expect(patchCodec(MODULE)).not.toMatch(/= compile\(/);
});

test("a module without the compiler is left alone", () => {
  expect(patchCodec("export const a = 1;")).toBeNull();
});

test("a module that calls the compiler otherwise than once is refused", () => {
  expect(() => patchCodec(MODULE.replace("var made = compile(names)(...values);", ""))).toThrow("Found 0 calls");
  expect(() => patchCodec(`${MODULE}\nvar again = compile(names)(...values);`)).toThrow("Found 2 calls");
});

test("Vega is told to interpret, whatever its caller wants", () => {
  const module =
    "function embed(g, RB) { var v, G; return v = g.ast, G = RB.parse(1, {}, { ast: v }), [v, G]; } return embed;";
  const embed = new Function(patchVega(module));
  const parse = (_spec, _config, options) => options;
  expect(embed()({}, { parse })).toEqual([true, { ast: true }]);
  expect(patchVega("export const a = b.ast;")).toBeNull();
  expect(() => patchVega(module + module)).toThrow("Found 2 places");
});
