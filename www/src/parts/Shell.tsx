import type { Holdpoint, StorageInfo } from "holdpoint";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { useAction } from "../action";
import { announcement } from "../announce";
import { useCell } from "../cell";
import { toHome } from "../router";
import { isOnline } from "../online";
import { useHoldpoint } from "../store";
import { bytes } from "../text";
import { update } from "../updates";
import { Button } from "./basics";
import { Icon } from "./Icon";
import { InboxLink } from "./InboxLink";
import { Note, ProblemBox } from "./ProblemBox";
import { NameDialog, You } from "./You";

/** What stands around every view. */
export function Shell({ children }: { children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const online = useCell(isOnline);
  const newVersion = useCell(update);
  const [isNaming, setNaming] = useState(false);
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The address after the # is the view's.
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="bar">
        <a class="brand" href={toHome} aria-label="Holdpoint: your work">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M11 9v14" />
            <circle cx="20.5" cy="16" r="4.5" />
          </svg>
          Holdpoint
        </a>
        <nav class="bar-nav" aria-label="Main">
          <InboxLink />
        </nav>
        <You onChange={() => setNaming(true)} />
        {!online && (
          <span class="pill" data-testid="offline" role="status">
            <Icon name="cloud" /> Offline: everything works on
          </span>
        )}
      </header>
      <main ref={main} id="main" tabIndex={-1}>
        {newVersion && (
          <Note testId="new-version">
            <p>
              A new version is ready.{" "}
              <button type="button" class="link" onClick={newVersion} data-testid="take-update">
                Reload
              </button>
            </p>
          </Note>
        )}
        {children}
      </main>
      <Foot />
      {isNaming && <NameDialog onClose={() => setNaming(false)} />}
      <p class="hidden" role="status" data-testid="announcer">
        {useCell(announcement)}
      </p>
    </>
  );
}

/** Whether the browser keeps what is here, and how much room there is. */
function Foot() {
  const holdpoint = useHoldpoint();
  const [room, setRoom] = useState<StorageInfo>();
  const action = useAction();
  const [wasRefused, setRefused] = useState(false);
  // What the browser doesn't tell stays unknown.
  const measure = (holdpoint: Holdpoint): Promise<void> =>
    holdpoint.storageInfo().then(setRoom, () => undefined);

  useEffect(() => {
    if (!holdpoint) return;
    void measure(holdpoint);
    let timer: ReturnType<typeof setTimeout> | undefined;
    // Measuring isn't free, and nobody reads the figure more often.
    const end = holdpoint.watch(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void measure(holdpoint);
      }, 3000);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [holdpoint]);

  const keep = (): void => {
    void action.run(async () => {
      if (!holdpoint) return;
      setRefused(!(await holdpoint.persist()));
      await measure(holdpoint);
    });
  };
  return (
    <footer class="foot">
      {room?.persisted === false && (
        <div class="persistence" data-testid="persistence">
          <p>
            The browser may clear what is here when space runs short.{" "}
            {wasRefused &&
              "It didn’t agree to keep it: bookmark or install this page, or allow it to store data, then ask again."}
          </p>
          <Button icon="shield" isBusy={action.isBusy} onClick={keep} testId="keep-for-good">
            Keep it for good
          </Button>
          <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
        </div>
      )}
      <p class="muted small">
        {room?.persisted && (
          <span data-testid="persistent">The browser keeps what is here for good. </span>
        )}
        {!!room?.usage && room.quota !== null && (
          <span data-testid="usage">
            {bytes(room.usage)} used of {bytes(room.quota)}.{" "}
          </span>
        )}
        <span>All of it stays in this browser.</span>
      </p>
    </footer>
  );
}
