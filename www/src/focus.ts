import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

/**
 * Keeps the keyboard's place: when the button that had the focus is gone, for it did what it was
 * for, the focus goes to what it stood in and not back to the top of the page.
 */
export function useKeptFocus(region: RefObject<HTMLElement | null>): void {
  const hadFocus = region.current?.contains(document.activeElement) ?? false;
  useLayoutEffect(() => {
    if (hadFocus && document.activeElement === document.body) region.current?.focus();
  });
}
