import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./Icon";

/**
 * A dialog over the page. The browser's own: it keeps the focus inside, closes with Escape and
 * gives the focus back to where it came from.
 */
export function Modal({
  title,
  onClose,
  children,
  testId,
  isWide = false,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  testId: string;
  isWide?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const onClosed = (): void => close.current();
    // Before it opens: a hand that is quick closes it before the next frame.
    element.addEventListener("close", onClosed);
    element.showModal();
    return () => {
      element.removeEventListener("close", onClosed);
      // Closed, not only taken away: that is what gives the focus back.
      element.close();
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      class={isWide ? "modal modal-wide" : "modal"}
      aria-labelledby={titleId}
      data-testid={testId}
    >
      <header class="modal-head">
        <h2 id={titleId}>{title}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          <Icon name="cross" />
        </button>
      </header>
      {children}
    </dialog>
  );
}
