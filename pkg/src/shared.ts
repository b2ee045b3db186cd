/**
 * The newer of two values, with every part of the older one that is equal: so who compares by
 * identity (React's `memo`, a selector) sees what has changed, and only that.
 */
export function shared<T>(old: unknown, fresh: T): T {
  if (Object.is(old, fresh)) return fresh;
  if (Array.isArray(old) && Array.isArray(fresh)) {
    const made: unknown[] = fresh.map((item: unknown, index) => shared(old[index], item));
    const isSame = old.length === made.length && made.every((item, index) => item === old[index]);
    return (isSame ? old : made) as T;
  }
  if (isRecord(old) && isRecord(fresh)) {
    const names = Object.keys(fresh);
    const made = Object.fromEntries(names.map((name) => [name, shared(old[name], fresh[name])]));
    const isSame =
      Object.keys(old).length === names.length &&
      names.every((name) => Object.hasOwn(old, name) && made[name] === old[name]);
    return (isSame ? old : made) as T;
  }
  return fresh;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
