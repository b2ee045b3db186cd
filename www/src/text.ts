/** Numbers, sizes, times and foreign texts, ready to be read. */

const numbers = new Intl.NumberFormat("en-GB");
const percents = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 2 });
const dates = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });

export const number = (value: number): string => numbers.format(value);
export const percent = (value: number): string => `${percents.format(value)} %`;
export const date = (time: string): string => dates.format(new Date(time));

/** `1 step`, `2 steps`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

export function bytes(value: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(unit > 0 && value < 10 ? 1 : 0)} ${units[unit]}`;
}

export function ago(time: string, now: number): string {
  const seconds = Math.round((Date.parse(time) - now) / 1000);
  // Made by a clock that was ahead, or this one went back: "just now" would be wrong by years.
  if (seconds > 45) return date(time);
  if (seconds > -45) return "just now";
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), "minute");
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), "hour");
  if (seconds > -30 * 86_400) return relative.format(Math.round(seconds / 86_400), "day");
  return date(time);
}

/** The last characters of an id: its beginning is the time, which ids made together share. */
export const shortId = (id: string): string => `…${id.slice(-6)}`;

// Controls, marks that turn the direction of what follows, and what nobody sees. Joiners and what
// chooses a variant stay: emoji and several scripts need them. So do tags, if they make a flag.
const hidden =
  /\u{1f3f4}[\u{e0020}-\u{e007e}]+\u{e007f}|(?![\t\n\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\u{e0100}-\u{e01ef}])[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufff9-\ufffb]/gu;

/** More marks than scripts put on one letter would pile up over other lines. */
const piled = /(?<=\p{M}{4})\p{M}/gu;

function named(character: string): string {
  const code = character.codePointAt(0)!;
  if (character.length > String.fromCodePoint(code).length) return character;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/**
 * A text from outside with all that would be invisible, or would reorder or cover what stands around
 * it, made visible. Line breaks and tabs stay, unless it is to be one line.
 */
export function visible(text: string, isOneLine = false): string {
  const shown = text.replace(/\r\n/g, "\n").replace(piled, named).replace(hidden, named);
  return isOneLine ? shown.replace(/\n/g, "␊").replace(/\t/g, " ") : shown;
}

/** How a text begins: in one line, however many it has, and cut to a length. */
export function beginning(text: string, length: number): string {
  // Far more than is shown need not be looked at.
  const characters = [
    ...visible(
      text
        .slice(0, 4 * length)
        // Not half of a character.
        .replace(/[\ud800-\udbff]$/, "")
        .trim()
        .replace(/\s+/g, " "),
    ),
  ];
  return characters.length <= length
    ? characters.join("")
    : `${characters
        .slice(0, length - 1)
        .join("")
        .trimEnd()}…`;
}

/** A JSON value as people read it: a string as its text, all else indented. */
export const readable = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value, null, 2);
