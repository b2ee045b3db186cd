/** Crockford's base 32, which ULIDs are written in: https://github.com/ulid/spec */
const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const LATEST = 2 ** 48 - 1;

/** A new id: 48 bits of the time in milliseconds, then 80 random ones. */
export function ulid(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  // A clock may be set to anything, before 1970 too; no time is no reason to have no id.
  let time = Math.min(Math.max(Math.trunc(Date.now()) || 0, 0), LATEST);
  let text = "";
  for (let place = 0; place < 10; place += 1) {
    text = DIGITS.charAt(time % 32) + text;
    time = Math.floor(time / 32);
  }
  // 16 bytes, of which each gives five of its bits.
  for (const byte of random) text += DIGITS.charAt(byte % 32);
  return text;
}
