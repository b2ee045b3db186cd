import { useEffect, useRef } from "preact/hooks";
import { visible } from "../text";

let isFirst = true;

/** A view's heading. It takes the focus when the view is opened, so that it is read out. */
export function Title({ text, isLong = false }: { text: string; isLong?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = text === "Your work" ? "Holdpoint" : `${visible(text, true)} · Holdpoint`;
  }, [text]);
  useEffect(() => {
    // Not when the page is loaded: there the browser begins at the top.
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    if (!isFirst) scrollTo(0, 0);
    isFirst = false;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} class={isLong ? "title-long" : undefined} data-testid="title">
      <bdi>{visible(text, true)}</bdi>
    </h1>
  );
}
