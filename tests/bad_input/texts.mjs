// Texts that somebody could give who means harm, or whose program is broken. Those that are text at
// all stand in texts.json, which the tests of the command line read too.
import kept from "./texts.json" with { type: "json" };

/** By category, each text by its name. */
export const categories = {
  ...kept,
  // No UTF-8 can hold these: a file with them would have something else in it.
  surrogates: {
    high: "a \ud800 b",
    low: "a \udc00 b",
    swapped: "\udc00\ud800",
    last: "cut off \ud83d",
    first: "\ude00 cut off",
    doubled: "\ud83d\ud83d\ude00",
    alone: "\udfff",
  },
};

/** All texts, each with what it is called. */
export const texts = Object.entries(categories).flatMap(([category, of]) =>
  Object.entries(of).map(([name, text]) => ({ what: `${category}.${name}`, category, text })),
);

export const isWhole = (text) => !/\p{Surrogate}/u.test(text);
export const isBlank = (text) => /^\p{White_Space}*$/u.test(text);
export const characters = (text) => [...text].length;
const bytes = (text) => new TextEncoder().encode(text).length;

/** Texts just within a limit, at it, just over it and far over it, of characters of one to four bytes. */
export function around({ unit, most }) {
  const made = [];
  const units = { x: 1, "\u00e4": 2, "\u20ac": 3, "\u{1f600}": 4 };
  for (const [character, size] of Object.entries(units)) {
    const each = unit === "bytes" ? size : 1;
    for (const [where, count] of [
      ["under", Math.floor(most / each) - 1],
      ["at", Math.floor(most / each)],
      ["over", Math.floor(most / each) + 1],
    ]) {
      made.push({
        what: `${size}-byte characters ${where} the limit`,
        text: character.repeat(count),
      });
    }
  }
  // What looks like one character is many: counted is what is kept.
  const family = categories.characters.family.split(" ")[0];
  const parts = unit === "bytes" ? bytes(family) : characters(family);
  const filled = family.repeat(Math.floor(most / parts));
  made.push({ what: "joined emoji up to the limit", text: filled });
  made.push({ what: "joined emoji over the limit", text: filled + family });
  made.push({ what: "blanks over the limit", text: " ".repeat(most + 1) });
  made.push({ what: "far over the limit", text: "x".repeat(10 * most) });
  return made;
}

/**
 * What has to become of a text where there is this limit: taken, or refused with this code. Written
 * anew from the documentation, so that the code isn't its own judge.
 */
export function fate(text, { unit, most, isBlankAllowed }) {
  if (!isWhole(text)) return "INVALID_INPUT";
  if ((unit === "bytes" ? bytes(text) : characters(text)) > most) return "TOO_LONG";
  return isBlank(text) && !isBlankAllowed ? "INVALID_INPUT" : "taken";
}
