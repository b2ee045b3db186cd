// Values of JavaScript that aren't what they seem, and JSON that somebody made up.
import { categories, texts } from "./texts.mjs";

/** Names that every object has something under already. */
export const names = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
];

export class Instance {
  reason = "a class";
}

export const throwing = () =>
  new Proxy(
    {},
    {
      get: () => {
        throw new Error("trap: get");
      },
      ownKeys: () => {
        throw new Error("trap: ownKeys");
      },
      getPrototypeOf: () => {
        throw new Error("trap: getPrototypeOf");
      },
      has: () => {
        throw new Error("trap: has");
      },
    },
  );

/** Looks like an object as long as nobody looks into it. */
export const throwingInside = () =>
  new Proxy(
    { reason: 1 },
    {
      get: () => {
        throw new Error("trap: get");
      },
    },
  );

export function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

export function cyclic() {
  const one = { name: "x" };
  one.self = one;
  return one;
}

export function deep(depth = 10_000) {
  let one = {};
  for (let level = 1; level < depth; level += 1) one = { a: one };
  return one;
}

export function deepList(depth = 10_000) {
  let one = [];
  for (let level = 1; level < depth; level += 1) one = [one];
  return one;
}

export const ownProto = () => JSON.parse('{"__proto__": {"reason": "polluted"}}');

/** Values that are no text, no number, no list and no object of fields. */
export const nothing = {
  null: () => null,
  "a symbol": () => Symbol("x"),
  "a bigint": () => 10n,
  "a function": () => () => undefined,
  true: () => true,
  NaN: () => NaN,
  "an instance of a class": () => new Instance(),
  "a date": () => new Date(),
  "a map": () => new Map([["reason", "x"]]),
  "a set": () => new Set(["x"]),
  "a weak map": () => new WeakMap(),
  "a boxed text": () => new String("boxed"),
  "a boxed number": () => new Number(1),
  "a regular expression": () => /x/g,
  "an error": () => new Error("x"),
  "a promise": () => Promise.resolve("x"),
  "a buffer": () => new ArrayBuffer(8),
  "an array of bytes": () => new Uint8Array(8),
  "a generator": () => (function* () {})(),
  "an object that inherits": () => Object.create({ reason: "inherited" }),
  "a proxy that throws": throwing,
  "a revoked proxy": revoked,
};

/** Objects with fields that nobody expects. */
export const fields = {
  "fields nobody knows": () => ({ nobodyKnowsThis: 1 }),
  "a field in snake_case": () => ({ nobody_knows: 1 }),
  "a field called __proto__": ownProto,
  ...Object.fromEntries(
    names.slice(1).map((name) => [`a field called ${name}`, () => ({ [name]: 1 })]),
  ),
  "a cycle": cyclic,
  "something very deep": deep,
  "a proxy that throws inside": throwingInside,
  "a getter that throws": () => ({
    get reason() {
      throw new Error("getter");
    },
  }),
};

/** Values that are no text, whatever they would be turned into. */
export const noTexts = {
  ...nothing,
  ...fields,
  "a number": () => 5,
  "a list": () => ["x"],
  "an object that would become a text": () => ({ toString: () => "x", toJSON: () => "x" }),
};

/** JSON that is as good as any other: it has to come back as it is. */
export const data = {
  null: () => null,
  false: () => false,
  "an empty text": () => "",
  "an empty object": () => ({}),
  "an empty list": () => [],
  "no prototype": () => Object.assign(Object.create(null), { a: 1, constructor: 2 }),
  "its own __proto__": ownProto,
  "__proto__ all the way": () => JSON.parse('{"__proto__":{"__proto__":{"__proto__":null}}}'),
  "constructor and prototype": () => ({ constructor: { prototype: { polluted: true } } }),
  "fields called like methods": () => ({
    toString: 1,
    valueOf: null,
    hasOwnProperty: [],
    then: "x",
  }),
  "toJSON that is no function": () => ({ toJSON: "text" }),
  "every name as a key": () =>
    Object.fromEntries(
      texts
        .filter(({ category }) => category !== "surrogates")
        .map(({ text }, index) => [text, { index, text }]),
    ),
  "every name in JSON": () => JSON.parse(JSON.stringify(categories.names)),
  "keys that look alike": () => ({ "\u00e9": 1, "e\u0301": 2, "\u212b": 3, "\u00c5": 4 }),
  "keys that are numbers": () => ({ 10: "a", 2: "b", "-1": "c", 1.5: "d", 4294967296: "e" }),
  "snake and camel": () => ({ snake_case: { a_b: 1 }, snakeCase: { aB: 2 }, __x: 3, _: 4 }),
  "a type": () => ({ type: "project_deleted", v: 2, digest: "x" }),
  "over 2^53": () => [2 ** 53, 2 ** 53 + 2, -(2 ** 60), 2 ** 63, 2 ** 64],
  "large and small numbers": () => [1.7976931348623157e308, 5e-324, -1e-7, 1e21, 0.1 + 0.2],
  "minus zero": () => [-0],
  "a long list": () => Array.from({ length: 10_000 }, (_, index) => index),
  "many small keys": () =>
    Object.fromEntries(Array.from({ length: 4_000 }, (_, i) => [`k${i}`, i])),
  "left out": () => ({ kept: 1, gone: undefined }),
};

/** What is no JSON, or would come back as something else. */
export const noData = {
  ...Object.fromEntries(
    Object.entries(nothing).filter(([what]) => what !== "null" && what !== "true"),
  ),
  infinity: () => [Infinity],
  "minus infinity": () => ({ a: -Infinity }),
  "NaN further in": () => ({ a: [{ b: NaN }] }),
  "undefined in a list": () => [1, undefined],
  "a list with holes": () => [1, , 3], // eslint-disable-line no-sparse-arrays
  "a very long list of holes": () => Array(2 ** 32 - 1),
  "a bigint further in": () => ({ a: 1n }),
  "a function further in": () => ({ then: () => undefined }),
  "a symbol further in": () => [Symbol("x")],
  "a name that is a symbol": () => ({ a: 1, [Symbol("x")]: 2 }),
  "a date further in": () => ({ at: new Date(0) }),
  "an instance further in": () => [new Instance()],
  toJSON: () => ({ a: 1, toJSON: () => 5 }),
  "toJSON of a list": () => Object.assign([1], { toJSON: () => 5 }),
  "a list of a class with toJSON": () => {
    class Lying extends Array {
      toJSON() {
        return "something else";
      }
    }
    return Lying.of(1, 2);
  },
  "a cycle": cyclic,
  "a cycle of lists": () => {
    const one = [];
    one.push([one]);
    return one;
  },
  "a getter that throws": fields["a getter that throws"],
  "a proxy that throws inside": throwingInside,
  "a very long name further out": () => ({ ["x".repeat(100_000)]: { a: NaN } }),
  "a name that is cut within a character": () => ({ [`${"x".repeat(39)}\u{1f600}`]: NaN }),
  "a very long text beside": () => ({ a: NaN, b: "x".repeat(100_000) }),
  "half of a surrogate pair": () => ["\ud800"],
  "a name with half of a surrogate pair": () => ({ "\udc00": 1 }),
};

/** Objects that are another thing each time somebody looks: what was checked has to be what is kept. */
export const changing = {
  "a getter that changes": () => {
    let reads = 0;
    return {
      get a() {
        reads += 1;
        return reads === 1 ? "first" : NaN;
      },
    };
  },
  "a proxy that changes": () => {
    let reads = 0;
    return new Proxy(["first"], {
      get(target, name, receiver) {
        if (name === "0") reads += 1;
        return name === "0" && reads > 1 ? new Map() : Reflect.get(target, name, receiver);
      },
    });
  },
  "a getter that grows deeper": () => {
    let reads = 0;
    return {
      get a() {
        reads += 1;
        return reads === 1 ? 1 : deepList(5_000);
      },
    };
  },
};

/** A list that says that it has as many values as a list may have. */
const endless = () =>
  new Proxy([], {
    get: (_, name) => (name === "length" ? 2 ** 32 - 1 : name === "toJSON" ? 0 : 5),
  });

/** JSON around limits of bytes of text and of depth: what has to become of each is `fate`. */
export function bombs({ bytes, depth }) {
  const made = [];
  const add = (what, make, fate) => made.push({ what, make, fate });
  for (const [what, nest] of [
    ["lists", deepList],
    ["objects", deep],
  ]) {
    for (const levels of [10, depth - 1, depth])
      add(`${what} ${levels} deep`, () => nest(levels), "taken");
    for (const levels of [depth + 1, 5_000, 100_000]) {
      add(`${what} ${levels} deep`, () => nest(levels), "INVALID_INPUT");
    }
  }
  // Two quotes are part of the text.
  for (const more of [-1, 0])
    add(`${bytes + more} bytes`, () => "x".repeat(bytes - 2 + more), "taken");
  for (const more of [1, 7 * bytes]) {
    add(`${bytes + more} bytes`, () => "x".repeat(bytes - 2 + more), "TOO_LONG");
  }
  add("bytes of four each", () => "\u{1f600}".repeat(bytes / 4), "TOO_LONG");
  add("escapes of six bytes each", () => "\0".repeat(bytes / 6 + 1), "TOO_LONG");
  add("an endless list", endless, "TOO_LONG");
  add("very many empty lists", () => Array.from({ length: bytes / 2 }, () => []), "TOO_LONG");
  add("as many zeros as fit", () => Array(bytes / 2 - 1).fill(0), "taken");
  const keys = Math.floor(bytes / 16);
  const keyed = (count) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [String(i).padStart(8, "k"), 0]));
  add("as many small keys as fit", () => keyed(keys), "taken");
  add("more small keys", () => keyed(2 * keys), "TOO_LONG");
  return made;
}
