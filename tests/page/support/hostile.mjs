// What the page has to make of texts that would like to be more than text.
import assert from "node:assert/strict";

// Those that nobody sees, or that turn what follows around; by the tables of Unicode 16, without what
// emoji and scripts are written with.
const unseen = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x61c, 0x61c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180e, 0x180e],
  [0x200b, 0x200b],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfdd0, 0xfdef],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe00ff],
  [0xe01f0, 0xe0fff],
];
const isUnseen = (code) =>
  unseen.some(([first, last]) => code >= first && code <= last) || (code & 0xfffe) === 0xfffe;
/** More marks than this on one letter would cover what stands above and below. */
const MARKS = 4;

// Written anew, so that the page's own way of showing isn't its own judge.
export function shown(text) {
  const characters = [...text.replaceAll("\r\n", "\n")];
  let marks = 0;
  let isFlag = false;
  return characters
    .map((character, index) => {
      const code = character.codePointAt(0);
      const isTag = code >= 0xe0020 && code <= 0xe007f;
      if (code === 0x1f3f4) {
        const rest = characters.slice(index + 1).join("");
        isFlag = /^[\u{e0020}-\u{e007e}]+\u{e007f}/u.test(rest);
      } else if (!isTag || characters[index - 1] === "\u{e007f}") {
        isFlag = false;
      }
      marks = /\p{M}/u.test(character) ? marks + 1 : 0;
      if (code === 10 || code === 9 || (isTag && isFlag)) return character;
      if (code < 0x20) return String.fromCodePoint(0x2400 + code);
      if (code === 0x7f) return "\u2421";
      return isUnseen(code) || marks > MARKS
        ? `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`
        : character;
    })
    .join("");
}
export const squeezed = (text) => text.replace(/\s+/g, " ").trim();

/** Nothing was made of the texts but text, and the page still fits. */
export async function isHarmless(app, where) {
  const made = await app.page.evaluate(() => {
    const count = (selector) => document.querySelectorAll(selector).length;
    return {
      elements: count("#app :is(script, iframe, img, object, embed, base, link, style, animate)"),
      handlers: [...document.querySelectorAll("*")].filter((element) =>
        element.getAttributeNames().some((name) => name.startsWith("on")),
      ).length,
      addresses: [...document.querySelectorAll("[href], [src], [action]")].filter((element) =>
        /^\s*javascript:/i.test(element.getAttribute("href") ?? element.getAttribute("src") ?? ""),
      ).length,
      over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      polluted: Object.keys(Object.prototype).length,
    };
  });
  assert.deepEqual(made, { elements: 0, handlers: 0, addresses: 0, over: 0, polluted: 0 }, where);
  assert.deepEqual(app.seen.hits, [], where);
  assert.deepEqual(app.seen.violations, [], where);
}

/** Hovers, focuses and presses what is there, as far as that changes nothing. */
export async function touch(app) {
  await app.page.evaluate(() => {
    for (const element of document.querySelectorAll("main *")) {
      element.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
      if (element.tabIndex >= 0) element.focus();
    }
  });
}
